"""`shoemon help`: the manual in the terminal."""

import sys

import click


@click.command("help")
@click.argument("chapter", required=False)
def help_command(chapter: str | None) -> None:
    """Print a chapter of the manual, or the list of chapters."""
    from shoemon.pages import manual

    if chapter and chapter not in manual.chapters():
        from shoemon.config.checking import suggestion
        from shoemon.model.errors import MistakeError

        raise MistakeError(f"the manual has no chapter `{chapter}`{suggestion(chapter, manual.chapters())}")
    text = manual.as_commands(manual.chapter(chapter or manual.CONTENTS))
    if not sys.stdout.isatty():
        click.echo(text, nl=False)
        return
    from rich.console import Console
    from rich.markdown import Markdown

    Console().print(Markdown(text))
