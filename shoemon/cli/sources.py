"""`shoemon sources`: list the sources in shoemon.yaml, and add an export as one more."""

from pathlib import Path

import click

from shoemon.cli.options import config_option, json_option, load_config, print_json, print_lines, write_change


@click.group()
def sources() -> None:
    """List the sources in shoemon.yaml, and add one."""


@sources.command("list")
@json_option
@config_option
def list_sources(as_json: bool, directory: Path) -> None:
    """List the sources."""
    from shoemon.config.written import write_span
    from shoemon.report.tables import print_table

    config = load_config(directory)
    found = [(each.name, each.type, getattr(each, "path", None), each.every, each.cron) for each in config.sources]
    if as_json:
        keys = ("name", "type", "path", "every_s", "cron")
        print_json({"sources": [dict(zip(keys, each, strict=True)) for each in found]})
        return
    print_table(
        {"name": "left", "type": "left", "path": "wrapped", "every": "left"},
        ((name, kind, path or "", cron or write_span(every or 6 * 3600)) for name, kind, path, every, cron in found),
    )


@sources.command()
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option("--name", help="Name of the source (default: by its type).")
@click.option("--unit", type=click.Choice(["km", "mi"]), help="Unit of its distances, if it does not say.")
@click.option("--every", metavar="SPAN", help="How often `serve` reads it, such as 6h.")
@click.option("--copy", is_flag=True, help="Copy it into inbox/ beside shoemon.yaml, and read it there.")
@click.option("--shoes", is_flag=True, help="Add its pairs that are not in shoes.yaml.")
@config_option
def add(directory: Path, file: Path, copy: bool, shoes: bool, **answers: str | None) -> None:
    """Add the export FILE as a source, and report what it holds.

    With --copy, a newer export of a source that reads inbox/ already becomes its next file.
    """
    from shoemon.model.errors import MistakeError
    from shoemon.setup.inbox import copy_in, moved, reader_of
    from shoemon.setup.new_source import new_source, operations, settled

    config, path = load_config(directory), file.expanduser().absolute()
    if copy:
        path, is_new = copy_in(directory, config.sources, path)
        if (reader := reader_of(directory, config.sources, path)) is not None:
            print_lines(
                [f"source {reader} reads {file.name}" + ("; the next sync counts it" if is_new else " already")]
            )
            return
    source = new_source(path, file.name, config, **answers)
    if source.asks_unit and not answers["unit"]:
        raise MistakeError("nothing in it shows whether its distances are km or mi; say which by --unit")
    source, place = settled(source, directory, path, file.name) if copy else (source, path)
    pairs = {draft.id for draft in source.drafts.shoes} if shoes else set[str]()
    print_lines(source.lines)
    title = f"source {source.export.name} reads {file.name}"
    with moved(path, place):
        write_change(directory, title, lambda _: operations(source, pairs))
    print_lines([f"{title}; the next sync counts it"])
