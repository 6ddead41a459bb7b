"""The part of a pair's picture that is about time: how it came to where it is, and when it may be at its limit."""

from datetime import date, timedelta

from shoemon.model.units import METRES
from shoemon.notifiers.mail.canvas import LEFT, RIGHT, SMALL, Canvas, text_width
from shoemon.notifiers.mail.figures import WINDOW_DAYS, Course, Life, month_name, ruler, whole, write_day

CHART = 520
"""Its height in pixels, dates below it included."""

CoursePlace = tuple[float, float]


class Chart:
    """Worn metres over the days, up to the limit."""

    def __init__(self, canvas: Canvas, life: Life, course: Course, top: float) -> None:
        self._canvas, self._life, self._course = canvas, life, course
        self._most_m = max(life.life_m, *(worn_m for _, worn_m in course.line))
        metre, clear_m = METRES[life.unit], self._most_m * 0.09
        self._labels = [tick for tick in ruler(self._most_m / metre, 4) if abs(tick * metre - life.life_m) > clear_m]
        words = [f"{tick:,g}" for tick in self._labels]
        words.append(whole(life.life_m, life.unit))
        self._left = LEFT + max(text_width(word) for word in words) + 20
        self._top, self._bottom = top + (104 if course.early else 60), top + CHART - 44
        self._title = top + 24
        self._first = min(course.line[0][0], course.today - timedelta(days=28))
        self._last = course.today + timedelta(days=1)
        if course.early:
            end = course.late or course.today + timedelta(days=WINDOW_DAYS)
            self._last = end + timedelta(days=max(3, (end - self._first).days // 25))

    def draw(self) -> None:
        """Ground first, words last."""
        unit, canvas = self._life.unit, self._canvas
        canvas.text((LEFT, self._title), f"Worn {unit} by week")
        self._grid()
        self._fan()
        canvas.line([self._at(*point) for point in self._course.line], "link", 7)
        limit = self._y(self._life.life_m)
        canvas.box(self._left, limit - 2, RIGHT, limit + 2, "over")
        self._middle()
        canvas.dot(*self._at(self._course.today, self._life.worn_m), 11, "card")
        canvas.dot(*self._at(self._course.today, self._life.worn_m), 9, "link")

    def _at(self, when: date, worn_m: float) -> CoursePlace:
        return self._x(when), self._y(worn_m)

    def _x(self, when: date) -> float:
        return self._left + (RIGHT - self._left) * (when - self._first).days / (self._last - self._first).days

    def _y(self, worn_m: float) -> float:
        return self._bottom - (self._bottom - self._top) * worn_m / self._most_m

    def _grid(self) -> None:
        canvas, unit = self._canvas, self._life.unit
        for tick in self._labels:
            y = self._y(tick * METRES[unit])
            canvas.box(self._left, y - 1, RIGHT, y + 1, "line")
            canvas.text((self._left - 14, y + 10), f"{tick:,g}", anchor="r")
        canvas.text(
            (self._left - 14, self._y(self._life.life_m) + 10), whole(self._life.life_m, unit), "ink", anchor="r"
        )
        today = self._x(self._course.today)
        canvas.dashes((today, self._bottom), (today, self._y(self._life.worn_m)), "quiet", 2)
        self._months(today)

    def _months(self, today: float) -> None:
        """The firsts of months below, as many as there is room for, and today above the line of days."""
        canvas, y, free = self._canvas, self._bottom + 38, self._left - 10
        first = (self._first.replace(day=1) + timedelta(days=32)).replace(day=1)
        year = 0
        while first < self._last:
            words = month_name(first) + (f" {first.year}" if first.year != year else "")
            x, half = self._x(first), text_width(words) / 2
            canvas.box(x - 1, self._bottom, x + 1, self._bottom + 8, "quiet")
            if x - half >= free and x + half <= RIGHT:
                canvas.text((x, y), words, anchor="m")
                free, year = x + half + 18, first.year
            first = (first + timedelta(days=32)).replace(day=1)
        if today + text_width("today") + 12 <= RIGHT:
            canvas.text((today + 12, self._bottom - 14), "today")
        else:
            canvas.text((today - 12, self._bottom - 14), "today", anchor="r")

    def _fan(self) -> None:
        """From today to the earliest and the latest day; open to the right where the latest is not known."""
        course, life = self._course, self._life
        if course.early is None:
            return
        start, early = self._at(course.today, life.worn_m), self._at(course.early, life.life_m)
        if course.late:
            self._canvas.area([start, early, self._at(course.late, life.life_m)], "fan")
        else:
            self._canvas.area([start, early, (RIGHT, early[1]), (RIGHT, start[1])], "fan")

    def _middle(self) -> None:
        """The dashed line to the day in the middle, and the days in words above the limit."""
        course, life = self._course, self._life
        if course.early is None:
            return
        x, y = self._at(course.middle or course.early, life.life_m)
        if course.middle:
            self._canvas.dashes(self._at(course.today, life.worn_m), (x, y), "link", 5)
            self._canvas.dot(x, y, 9, "link")
        words = _expected(course)
        half = text_width(words, SMALL) / 2
        self._canvas.text((min(RIGHT - half, max(self._left + half, x)), y - 22), words, "ink", anchor="m")


def _expected(course: Course) -> str:
    """`at its limit about 3 May (18 Apr to 24 May)`: short enough for the picture."""
    if course.early is None:
        return ""
    early = write_day(course.early, short=True, month=course.months)
    about = f"about {write_day(course.middle, short=True)}" if course.middle else ""
    if course.late is None:
        return f"at its limit {about}{', ' * bool(about)}{early} at the earliest"
    late = write_day(course.late, short=True, month=course.months)
    span = early if early == late else f"{early} to {late}"
    return f"at its limit {about} ({span})" if about else f"at its limit {span}"
