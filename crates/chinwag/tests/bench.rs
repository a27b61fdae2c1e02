//! The bench against the program as it was built: a little of all its work, in which everybody who gets messages checks that each came once and in order.

use bench::Options;

#[test]
fn whoever_hears_messages_under_load_gets_each_once_and_in_order() {
    let options = Options::quick(env!("CARGO_BIN_EXE_chinwag").into());
    let mut said = Vec::new();
    let result = bench::run(&options, |line| said.push(line.to_owned()));
    assert!(result.is_ok(), "{result:?}\n{}", said.join("\n"));
    assert!(said.iter().any(|line| line.contains("deliveries/s")), "{}", said.join("\n"));
}
