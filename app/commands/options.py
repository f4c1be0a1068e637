"""Options that several commands take, each declared once."""

from __future__ import annotations

from typing import Annotated

import typer

from app.engine import Language

Reforms = Annotated[list[str] | None, typer.Option("--reform", metavar="NAME", help="A reform to compare with the law; several are applied together.")]
AsOf = Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="The day whose law answers. (default: today)")]
AgainstAsOf = Annotated[str | None, typer.Option("--against-as-of", metavar="DATE", help="Compare with the law of this day.")]
Region = Annotated[str | None, typer.Option("--region", metavar="CODE", help="The region of people without one. (default: the nation)")]
Schemes = Annotated[list[str] | None, typer.Option("--scheme", metavar="NAME", help="A scheme to evaluate; may be repeated. (default: all)")]
Assumptions = Annotated[list[str] | None, typer.Option("--assume", metavar="NAME=VALUE", help="An assumption, such as wage_growth=0.03.")]
Outputs = Annotated[bool, typer.Option("--outputs", help="Also the schemes' other figures, such as the contribution months.")]
Release = Annotated[
    str | None, typer.Option("--release", metavar="NAME", help="The release that answers: its id, at least 8 characters of it, or a tag. (default: the rules as they are)")
]
Lang = Annotated[Language, typer.Option("--lang", help="The language of what is shown.")]
