"""The settings of `alerts:`: what to write about, and when."""

from itertools import pairwise
from typing import Annotated

from pydantic import Field, model_validator

from shoemon.config.kinds import Day, Distance, Settings, Share, Span
from shoemon.config.written import OrOne, TimeOfDay, WeeklyTime
from shoemon.decide.ground_target import GroundTarget


class SoonSettings(Settings):
    at: Share = Field(0.9, gt=0, description="share of the life at which to send `soon`")
    within: Span = Field(1_814_400.0, description="... or when its life is expected to end within this time")


class StaleSettings(Settings):
    failing: Span = Field(
        172_800.0,
        description="alert when a source could not be read for this long; 0s: never, only `status` shows it",
    )
    silent: Span = Field(
        2_592_000.0, description="alert when a source that used to have new runs has had none for this long; 0s: never"
    )


class PlanStep(Settings):
    start: Day = Field(alias="from", description="the first day of the step; its weeks are counted from here")
    share: Share = Field(gt=0, description="how much of `usual` to run in a week")


class ReturnPlan(Settings):
    usual: Distance = Field(gt=0, description="your weekly distance before")
    steps: Annotated[tuple[PlanStep, ...], OrOne()] = Field(
        min_length=1, description="the steps, in the order of their days"
    )
    until: Day = Field(description="the first day after the plan")

    @model_validator(mode="after")
    def _in_order(self) -> "ReturnPlan":
        days = [*(step.start for step in self.steps), self.until]
        if any(later <= earlier for earlier, later in pairwise(days)):
            raise ValueError("each step must begin after the one before, and `until` after the last")
        return self


class AlertSettings(Settings):
    soon: SoonSettings = Field(SoonSettings(), description="the early notice")
    due: Share = Field(1.0, gt=0, description="share of the life at which a pair is due")
    again_every: Share = Field(0.1, gt=0, description="after that, one more for each further share like this")
    resting: Span = Field(
        31_536_000.0,
        description="a pair not worn for this long before your latest run is resting: folded away, without alerts "
        "until it is worn again; 0s: never",
    )
    hold: Span = Field(
        0.0,
        le=30 * 86_400,
        description="wait this long before a new run can lead to an alert: time to correct its shoe upstream",
    )
    quiet: TimeOfDay | None = Field(None, description="send nothing at these hours (your time), but after them")
    stale: StaleSettings = Field(StaleSettings(), description="sources without new runs")
    unassigned: bool = Field(True, description="alert about new runs without a shoe, with the likeliest pairs")
    hard_share: Share | None = Field(
        None, gt=0, le=1, description="alert when more than this share of the last 28 days was on hard ground"
    )
    soft_share: Share | None = Field(
        None, gt=0, le=1, description="alert when less than this share of the last 28 days was on soft ground"
    )
    longest: bool = Field(
        False, description="alert about a run that is more than 10% longer than the longest of the 30 days before it"
    )
    weekly: WeeklyTime | None = Field(None, description="when to send a digest of the week")
    return_plan: ReturnPlan | None = Field(
        None,
        description="weekly kilometres after an injury, as you or whoever treats you planned them; alert about more",
    )

    @model_validator(mode="after")
    def _in_order(self) -> "AlertSettings":
        if self.soon.at > self.due:
            raise ValueError("soon.at is later than due; write a smaller share")
        return self

    @property
    def targets(self) -> dict[str, GroundTarget]:
        """The runner's targets of ground, by the kinds of their alerts."""
        hard = [GroundTarget("hard", self.hard_share)] if self.hard_share is not None else []
        soft = [GroundTarget("soft", self.soft_share)] if self.soft_share is not None else []
        return {target.kind: target for target in (*hard, *soft)}
