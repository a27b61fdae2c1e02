"""What a screen reader is told of the window, for the tests.

Reads a request a line and answers it with a line:
  tree         all that there is, as JSON: a list of [role, name, text]
  press NAME   presses the button of that name: "yes", or "no" if there is none
"""

import json
import sys

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402  (the version must be asked for first)

MOST = 400


def applications():
    desktop = Atspi.get_desktop(0)
    return [desktop.get_child_at_index(i) for i in range(desktop.get_child_count())]


def walk(node, found):
    if node is None or len(found) >= MOST:
        return
    found.append(node)
    for i in range(node.get_child_count()):
        walk(node.get_child_at_index(i), found)


def nodes():
    found = []
    for application in applications():
        try:
            # What the library remembers of an earlier look may be stale.
            application.clear_cache()
            walk(application, found)
        except GLib.Error:
            # It changed under our hands; the next look finds what is there then.
            continue
    return found


def told(node):
    try:
        text = ""
        interface = node.get_text_iface()
        if interface is not None:
            text = Atspi.Text.get_text(interface, 0, -1)
        return [node.get_role_name(), node.get_name() or "", text]
    except GLib.Error:
        return ["gone", "", ""]


def press(name):
    for node in nodes():
        try:
            if node.get_name() == name and node.get_action_iface() is not None:
                return node.get_action_iface().do_action(0)
        except GLib.Error:
            continue
    return False


def main():
    Atspi.init()
    for line in sys.stdin:
        request, _, argument = line.rstrip("\n").partition(" ")
        # What the window told in the meantime lies in the queue of the main loop.
        while GLib.MainContext.default().iteration(False):
            pass
        if request == "tree":
            answer = json.dumps([told(node) for node in nodes()])
        elif request == "press":
            answer = "yes" if press(argument) else "no"
        else:
            answer = f"no such request: {request}"
        print(answer, flush=True)


main()
