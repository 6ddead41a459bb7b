"""`shoemon set` and `shoemon undo`: change a setting, and undo a change that a command or a page made."""

from pathlib import Path

import click

from shoemon.cli.options import config_option, load_config, print_lines, write_change


@click.command("set")
@click.argument("name")
@click.argument("value")
@config_option
def set_setting(name: str, value: str, directory: Path) -> None:
    """Give the setting NAME of shoemon.yaml a value.

    Such as: shoemon set alerts.quiet 22:00-07:00. An empty VALUE ("") removes the setting, so that its default holds.
    """
    from shoemon.config.edit.settings import change_setting

    title = f"{name} is {value}" if value.strip() else f"{name} is removed"
    is_changed = write_change(directory, title, lambda config: change_setting(config, name, value))
    print_lines([title if is_changed else f"{title} already"])


@click.command()
@click.argument("number", type=int, required=False)
@click.option("--list", "listed", is_flag=True, help="List the changes that can be undone.")
@config_option
def undo(number: int | None, listed: bool, directory: Path) -> None:
    """Undo the latest change that a command or a page made in your files, or the one with this NUMBER.

    What you edited by hand since then stays.
    """
    from shoemon.config.edit.history import undo_edit
    from shoemon.store.edit_history import latest

    config = load_config(directory)
    changes = latest(config.state_database)
    if listed or (number is None and not changes):
        print_lines([f"{each.id}  {each.edited_at}  {each.title}" for each in changes] or ["there is nothing to undo"])
        return
    undone = undo_edit(config, changes[0].id if number is None else number)
    print_lines([f"undone: {undone.title}; the next sync counts it"])
