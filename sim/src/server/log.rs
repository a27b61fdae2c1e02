//! The log's thread: groups go to the disk, and the core hears when they are there.

use chat::log::Append;

use crate::invariants::Check;
use crate::plan::SECOND;
use crate::sabotage::Sabotage;
use crate::world::{Happening, World};

impl World {
    pub(crate) fn log_appends(&mut self, group: Append) -> Check {
        self.trace.note(self.now, format_args!("log: {:?}, awaited: {}", group.records, group.awaited));
        self.oracle.a_place_is_given_once(&group)?;
        self.oracle.ledger.append(&group, &self.again)?;
        let epoch = self.server.epoch;
        if self.server.sabotage == Some(Sabotage::EchoBeforeCommit) {
            self.at(self.now, Happening::Heard { epoch, upto: group.last() });
        }
        if let Some(at) = self.server.disk.append(self.now, group) {
            self.at(at, Happening::Begin { epoch });
        }
        Ok(())
    }

    pub(crate) fn log_begins(&mut self) {
        if !self.server.disk.begin(self.now) {
            return;
        }
        let slow = self.dice.percent(self.plan.slow_commits);
        let takes =
            if slow { self.dice.between((SECOND, 12 * SECOND)) } else { self.dice.between(self.plan.commit) };
        let failed = self.dice.below(1000) < self.plan.failing_commits;
        let epoch = self.server.epoch;
        self.at(self.now + takes, Happening::Written { epoch, failed });
    }

    pub(crate) fn log_has_written(&mut self, failed: bool) -> Check {
        if failed && !self.healed {
            let kept = self.server.disk.fail(&mut self.dice);
            return self.stop_for_the_log(kept);
        }
        let (groups, _) = self.server.disk.unwritten();
        let (upto, begins) = self.server.disk.written(self.now);
        self.oracle.ledger.written(groups);
        self.oracle.written(upto);
        if std::mem::take(&mut self.server.crash_after_write) {
            return self.crash();
        }
        let epoch = self.server.epoch;
        let hears = self.now + self.dice.between((10, 5000));
        self.at(hears, Happening::Heard { epoch, upto });
        if let Some(at) = begins {
            self.at(at, Happening::Begin { epoch });
        }
        Ok(())
    }
}
