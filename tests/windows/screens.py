"""Runs on Windows with the Python of the zip: widgets, the palette, help, a dialog and a crash, without a console.

Prints a line for each thing that worked. Whatever the build left out by mistake is a ModuleNotFoundError here.
"""

from __future__ import annotations

import asyncio

from textual import widgets
from textual.app import App, ComposeResult
from textual.command import CommandPalette
from textual.drivers.windows_driver import WindowsDriver
from textual.highlight import highlight
from textual.screen import ModalScreen
from textual.widgets import (
    Button,
    Checkbox,
    Footer,
    HelpPanel,
    Input,
    Label,
    ListItem,
    ListView,
    Markdown,
    OptionList,
    ProgressBar,
    RadioSet,
    RichLog,
    Select,
    Static,
    TextArea,
    Tree,
)

LEFT_OUT = {"DataTable", "MaskedInput", "SelectionList", "TabbedContent", "TabPane"}
"""Too large for what no screen of ours has; see packaging/windows/portable/wheels.py."""
CODE = "```python\nprint()\n```\n\n```\n#!/bin/sh\n```\n\nhttp://a.test"


class Dialog(ModalScreen[bool]):
    BINDINGS = [("escape", "dismiss(True)", "閉じる")]

    def compose(self) -> ComposeResult:
        yield Static("[b]確認[/b] :warning:")
        yield Button("OK")


class Screens(App[None]):
    CSS = "Static { color: $text; border: round $primary; } OptionList:focus { background: $accent 50%; }"
    BINDINGS = [("d", "push_screen('dialog')", "確認")]
    SCREENS = {"dialog": Dialog}

    def compose(self) -> ComposeResult:
        yield Static("日本語")
        yield OptionList("一", "二")
        yield ListView(ListItem(Label("項目")))
        yield Checkbox("はい")
        yield RadioSet("右", "左")
        yield ProgressBar(total=2)
        yield Select([("一", 1), ("二", 2)])
        yield Tree[None]("木")
        yield Input()
        yield TextArea("text")
        yield RichLog()
        yield Markdown(CODE)
        yield Footer()


class Broken(App[None]):
    def on_mount(self) -> None:
        raise ZeroDivisionError(self.title)


async def use() -> None:
    app = Screens()
    async with app.run_test(size=(100, 60)) as pilot:
        app.query_one(RichLog).write({"a": 1})
        app.query_one(ProgressBar).advance(1)
        app.notify("済み")
        await pilot.pause()
        await pilot.press("d")
        assert isinstance(app.screen, Dialog)
        await pilot.press("escape")
        print("dialog")
        await pilot.press("ctrl+p", "k")
        assert isinstance(app.screen, CommandPalette)
        await pilot.press("escape")
        print("palette")
        app.action_show_help_panel()
        app.theme = "textual-light"
        await pilot.pause()
        assert app.screen.query_one(HelpPanel).is_mounted
        print("help")
        assert "日本語" in app.export_screenshot()
        print("drawn")


async def crash() -> None:
    try:
        async with Broken().run_test() as pilot:
            await pilot.pause()
    except ZeroDivisionError:
        print("crash")


def main() -> None:
    for name in set(vars(widgets)["__all__"]) - LEFT_OUT:
        getattr(widgets, name)
    print("widgets")
    assert Screens().driver_class is WindowsDriver
    print("driver")
    asyncio.run(use())
    asyncio.run(crash())
    assert highlight("{}", path="report.html.j2").plain == "{}"
    print("highlight")


if __name__ == "__main__":
    main()
