"""Every sentence of alerts and mails, whole, with named parameters: a translation is this file in another language.

Distances and days come in as they are written (`582 km`, `2026-05-03`), shares as numbers. A fact is a label and its
value; of a pair of sentences the first is about one, the second about more.

No sentence here claims that a distance makes a shoe unsafe: no study shows one. A life is the runner's own setting.
"""

# Pages
ALL_PAIRS = "All pairs"
GROUND_PAGE = "Ground"
CHANGE_PAIR = "Retire {name}, or give it a longer life"
OPEN_RUNS = "Runs without a shoe"
MONTHS_PAGE = "Months"
RUN_PAGE = "The run"
WHICH_SHOE = "Which shoe?"

# One pair
NEAR_ITS_LIFE = "{name} is nearing the end of its life: {worn} of {life}"
AT_ITS_LIFE = "{name} has reached its life: {worn} of {life}"
PAST_ITS_LIFE = "{name} is {past} past its life: {worn} of {life}"
USED_LEFT = ("Used", "{worn} of {life} ({fraction:.0%}), {left} left")
USED_PAST = ("Used", "{worn} of {life} ({fraction:.0%}), {left} past its life")
BY_GROUND = ("By ground", "{grounds}")
ON_GROUND = "{distance} {ground}"
GROUNDS = {
    "initial": "before", "hard": "hard", "soft": "soft", "synthetic": "synthetic", "treadmill": "treadmill",
    "unknown": "unknown",
}  # fmt: skip
SHOE = ("Shoe", "{name} ({shoe})")
DISTANCE = ("Distance", "{ran} in runs")
DISTANCE_AND_BEFORE = ("Distance", "{ran} in runs, and {before} before")
RATE = ("Rate", "{month} in the last 28 days")
RATE_AND_WEEK = ("Rate", "{week} a week; {month} in the last 28 days")
EXPECTED = ("Expected at its limit", "{when}")
WEEKS = "Worn {unit} by week"
MOST_IN_A_WEEK = "most: {most}"
EACH_WEEK = "Worn {unit} in each of the last {count} weeks, oldest first: {weeks}"
WHAT_YOU_CAN_DO = "What you can do:"
LOOK_AT_IT = "Check the outsole and the midsole. A life is a rule of thumb, not a safety limit."
PUT_IT_AWAY = "Retire the pair:"
GO_ON = "Keep running in it: give it a longer life. You get a message when it reaches that:"

# When a pair will be at its limit
NO_FORECAST = "no forecast ({why})"
NOT_BEFORE_A_SYNC = "the next sync makes one"
ABOUT = "about {middle} ({early} to {late})"
ABOUT_OR_LATER = "about {middle} ({early} or later)"
OR_LATER = "{early} or later"
AT_A_PACE = "about {time} at {distance} a week"
AT_A_PACE_FROM_TO = "about {time} at {distance} a week ({early} to {late} months)"
AT_A_PACE_FROM = "about {time} at {distance} a week ({early} months or more)"
MONTHS_LONG = "{count} months"
A_YEAR_LONG = "a year"
YEARS_LONG = "{count} years"
FEW = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight", 9: "nine", 10: "ten"}

# The next pair, and what a longer life would change
NOW_REACHED = "now, as its life is used up"
NOW_OVERLAPS = "now, as no more than {overlap} is left"
A_YEAR = "{amount} a year"
LONGER = "{life} to {longer}: {later}"
AND_CHEAPER = ", {amount} a year less"
ABOUT_ONE_LATER = "about a {unit} later"
ABOUT_LATER = "about {count} {unit}s later"
HARDLY_LATER = "less than a {unit} later"
AMOUNT = "{amount} {currency}"
UNDER_ONE = "under 1 {currency}"
NEXT_AFTER = "next after {name}: {parts}"
ALL_A_YEAR = "all pairs: {amounts} a year at the present habits"
SOME_A_YEAR = "{counted} of {pairs} pairs: {amounts} a year at the present habits; the others have no price or no rate"

# Several pairs
SEVERAL = "{count} pairs need a look: {names}"
WATCHES = ("shoemon now watches 1 pair", "shoemon now watches {count} pairs")
PAST_THEIR_LIFE = ("1 is past its life", "{count} are past their life")
PAIR = "{worn} of {life} ({fraction:.0%}, {status})"
PAIR_EXPECTED = "{worn} of {life} ({fraction:.0%}); expected at its limit: {when}"
PAIR_PAST = "{worn} of {life} ({fraction:.0%}); past it"
RESTING = (
    "1 pair is resting: not worn for long. You get no alert about it until you wear it again.",
    "{count} pairs are resting: not worn for long. You get no alert about them until you wear them again.",
)
WITHOUT_A_SHOE = "Runs without a shoe: {count}"
FROM_NOW_ON = "From now on you get a message when a pair nears the end of its life."

# The week
YOUR_WEEK = ("Your week to {until}: {distance} in 1 run", "Your week to {until}: {distance} in {count} runs")
WEEK = ("Week", "{first} to {last}")
RUN_IN_WEEK = (("Run", "{distance} in 1 run"), ("Run", "{distance} in {count} runs"))
HARD_OF_KNOWN = ("Hard ground", "{share:.0%} of the distance on known ground")
IN_WHICH_PAIRS = "In which pairs:"
PAIR_IN_WEEK = "{name}: {distance}"
PAIRS_IN_USE = "All pairs in use, most worn first:"
WEEK_WITHOUT_A_SHOE = "Runs without a shoe: {count} (view unassigned_runs)"

# Hard ground
GROUND_SHARE = {
    "hard": "{share:.0%} of your last {days} days' running was on hard ground; your target is at most {target:.0%}",
    "soft": "{share:.0%} of your last {days} days' running was on soft ground; your target is at least {target:.0%}",
}
SHARE_OF_KNOWN = {
    "hard": ("Hard ground", "{share:.0%} of the metres whose ground is known; your target is at most {target:.0%}"),
    "soft": ("Soft ground", "{share:.0%} of the metres whose ground is known; your target is at least {target:.0%}"),
}
WOULD_MEET = {
    "hard": "At most {metres:,.0f} of the next {next} on hard ground would meet it.",
    "soft": "{metres:,.0f} of the next {next} on soft ground would meet it.",
}
YOUR_TARGET = {
    "hard": "The target is your own: no study is known that shows how much hard ground is too much. You get the next "
    "message when the share has fallen 3 points below the target and risen past it again.",
    "soft": "The target is your own: no study is known that shows how much soft ground is enough. You get the next "
    "message when the share has risen 3 points above the target and fallen past it again.",
}
TARGET_NOW = {
    "hard": "Your target: hard ground at most {target:.4g} %.",
    "soft": "Your target: soft ground at least {target:.4g} %.",
}
LAST_DAYS = "Last {days} days: {share:.0f} %."

# Sources
NOT_READ = "{source} could not be read since {day}"
NOTHING_NEW = "{source} has had no new runs since {day}"
SOURCES_BRING_NOTHING = "{count} sources have no new runs: {names}"
SOURCE = ("Source", "{source} ({type})")
NOT_READ_SINCE = ("Not read since", "{moment}")
LAST_NEW_RUN = ("Last new run", "{moment}")
ITS_ERROR = ("Error", "{error}")
NOTHING_IS_LOST = (
    "Nothing is lost: all runs read so far still count, and shoemon keeps trying. Until it can read this source again, "
    "new runs are missing, and you get no alerts about them."
)
SEE_WHAT_IS_WRONG = "Find the cause, and try again:"
ALL_MAY_BE_WELL = "The source can be read, but has no new runs. If you have not run since then, all is well."
DOWNLOAD_IT = "If it is an export that you download, download a new one."
TAKE_IT_OUT = "If you no longer use it, remove it from shoemon.yaml, or change alerts.stale.silent. Its runs stay."

# Runs without a shoe
RUN_HAS_NO_SHOE = "Which shoe? {day}, {distance}"
RUNS_HAVE_NO_SHOE = "{count} runs have no shoe yet"
RUN = ("Run", "{name}")
DAY = ("Day", "{day}")
DISTANCE_AND_SPORT = ("Distance", "{distance} ({sport})")
WHY = ("Why", "{why}")
LIKELY = ("Likely", "{pairs}")
CHOOSE = ("Choose", "{url}")
PAIR_SHARE = "{name} ({share:.0%})"
PAIR_NEVER_WORN = "{name}"
ANOTHER_PAIR = "Another pair"
CHOOSE_A_PAIR = "Choose a pair"
TAP_SIGNED_IN = "Each link opens a page where you confirm the pair (on shoemon's own machine, or signed in)."
TAP_WITH_TICKET = "Each link opens a page where you confirm the pair (so can whoever has this mail, until {until})."
RUN_IN_SHORT = "{day}, {distance}: {name}"
MORE_RUNS = "... and {count} more:"
MORE_RUNS_FIRST = "... and {count} more; the first {listed} of them:"
MORE_RUNS_AT = "... and {count} more: {url}"
MORE_RUNS_IN_VIEW = "... and {count} more; the view unassigned_runs lists all of them."
NEW_GEAR = "Gear that belongs to no pair in shoes.yaml; to add it as one:"
RUNS_IN_NEW_GEAR = ("{name}, 1 run", "{name}, {runs} runs")
HOW_IN_YAML = (
    "Copy the right lines to “corrections:” in shoes.yaml (“shoe: none” for a run in none of your pairs), or set the "
    "shoe where you recorded the run. The next sync uses it. With a rule or a default shoe, shoemon need not ask."
)
HOW_ON_PAGES = (
    "You can also set the pair under “corrections:” in shoes.yaml, or where you recorded the run. The next sync uses "
    "it. With a rule or a default shoe, shoemon need not ask."
)

# A long run
LONG_RUN = "{distance} on {day}: {more:.0%} more than your longest of the 30 days before"
THIS_RUN = ("This run", "{distance}")
LONGEST_BEFORE = ("Longest of the 30 days before", "{distance} on {day}")
ABOUT_THE_RUN = (
    "This is about the run, not about the shoe. The limit (a tenth more than the longest of 30 days) comes from one "
    "large, exploratory study of runners (RUNSAFE, 2025). It tells you nothing about a single run."
)

# The runner's own plan
OVER_PLAN = "{distance} in the week from {first}; your plan allows at most {allowed}"
THIS_WEEK = ("Run", "{distance}")
PLAN_ALLOWS = ("Your plan", "at most {allowed} ({share:.0%} of {usual})")
YOUR_PLAN = (
    "This is your own plan from shoemon.yaml (alerts.return_plan); shoemon only counts. Whether it is the right plan "
    "is for you, and whoever treats you, to decide."
)

# A pair kept for a race
RESERVE = {
    "over_below": "{name} is expected at about {expected} on {until}; you keep it below {below}",
    "over_life": "{name} is expected at about {expected} on {until}: past its life of {life}",
    "not_broken_in": "{name} is expected at only about {expected} on {until}",
}
HARDLY_WORN = "{name} has only {worn} so far, and is kept for {until}"
KEPT_FOR = ("Kept for", "{until}")
NOW = ("Now", "{worn}")
RATE_LATELY = ("Rate", "{week} a week")
ABOUT_RESERVE = {
    "over_below": "The limit is your own (reserve in shoes.yaml). The distance that day assumes that you wear the pair "
    "as much as lately.",
    "over_life": "The distance that day assumes that you wear the pair as much as lately. A life is a rule of thumb, "
    "not a safety limit.",
    "not_broken_in": "Many runners wear a pair for some 30 km before a race. That is a convention: no study is known "
    "that gives a distance.",
}
SEE_WHICH = "See which pairs suit your next run:"

# A test
TEST = "shoemon can reach you"
THIS_IS_A_TEST = (
    "This is a test of the notifier “{notifier}”. If you can read it, alerts about your shoes will reach you here."
)

# Mails
KINDS = {
    "soon": "Soon at its limit", "due": "At its limit", "over": "Past its limit", "several": "Several pairs",
    "digest": "Your pairs", "weekly": "Your week", "hard_share": "Ground", "soft_share": "Ground", "stale": "Source",
    "unassigned": "Which shoe?", "longest": "A long run", "return_plan": "Your plan",
    "reserve": "Kept for a race", "test": "A test",
}  # fmt: skip
"""Above the title."""
THERE_IS_MORE = "There is more: the plain text of this mail contains all of it."
WHY_THIS_MAIL = (
    "Your own shoemon sends you this, because its shoemon.yaml names your address under “notify”. Change that to stop "
    "or redirect its mails."
)
FOR_A_PAUSE = "To mute these alerts for a while:"
SHARE_OF_LIFE = "{share:.0%} of {life}"
