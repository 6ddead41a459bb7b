"""The settings of `alerts:`: of what, when, and when not to write."""

from itertools import pairwise
from typing import Annotated

from pydantic import Field, model_validator

from shoemon.config.kinds import Day, Distance, Settings, Share, Span
from shoemon.config.written import OrOne, TimeOfDay, WeeklyTime


class SoonSettings(Settings):
    at: Share = Field(0.9, gt=0, description="share of the life at which `soon` is announced")
    within: Span = Field(1_814_400.0, description="... or when the life is expected to end within")


class StaleSettings(Settings):
    failing: Span = Field(
        172_800.0,
        description="tell of a source that could not be read for so long; 0s: never, which only `status` says",
    )
    silent: Span = Field(
        2_592_000.0, description="tell of a source that used to bring runs and has brought none for so long; 0s: never"
    )


class PlanStep(Settings):
    start: Day = Field(alias="from", description="the first day of the step; its weeks are counted from here")
    share: Share = Field(gt=0, description="how much of `usual` a week of it may have")


class ReturnPlan(Settings):
    usual: Distance = Field(gt=0, description="what you ran in a week before")
    steps: Annotated[tuple[PlanStep, ...], OrOne()] = Field(
        min_length=1, description="from which day on how much of it, in the order of the days"
    )
    until: Day = Field(description="the first day on which the plan holds no more")

    @model_validator(mode="after")
    def _in_order(self) -> "ReturnPlan":
        days = [*(step.start for step in self.steps), self.until]
        if any(later <= earlier for earlier, later in pairwise(days)):
            raise ValueError("each step must begin after the one before, and `until` after the last")
        return self


class AlertSettings(Settings):
    soon: SoonSettings = Field(SoonSettings(), description="the early notice")
    due: Share = Field(1.0, gt=0, description="share of the life at which a pair is due")
    again_every: Share = Field(0.1, gt=0, description="after that, one more for every so much")
    hold: Span = Field(
        0.0,
        le=30 * 86_400,
        description="a new run counts for alerts about pairs and runs only after so long, time to correct its shoe "
        "upstream",
    )
    quiet: TimeOfDay | None = Field(None, description="nothing is sent at these hours of yours; it is sent after them")
    stale: StaleSettings = Field(StaleSettings(), description="sources that bring nothing")
    unassigned: bool = Field(True, description="tell of new runs without a shoe, with the likeliest pairs")
    hard_share: Share | None = Field(
        None, gt=0, le=1, description="tell when more than this share of the last 28 days was on hard ground"
    )
    longest: bool = Field(
        False, description="tell of a run that is more than 10% longer than the longest of the 30 days before it"
    )
    weekly: WeeklyTime | None = Field(None, description="when to send a digest of the week")
    return_plan: ReturnPlan | None = Field(
        None, description="weekly kilometres after an injury, as you or whoever treats you wrote them; more are told"
    )

    @model_validator(mode="after")
    def _in_order(self) -> "AlertSettings":
        if self.soon.at > self.due:
            raise ValueError("soon.at is later than due; give it a smaller share")
        return self
