"""Asks `shoemon serve` what would stop an unguarded Datasette, and measures how the pages get on meanwhile.

Run with `python tests/benchmarks/hostile_gets.py [part of a name ...]`. Each address is asked for once, and three times at
once, of the pages of a demo on this machine. Printed are the longest wait for the first page meanwhile, the peak memory of
the process and its children, the seconds until the last answer, and the answers. It ends with 1 where a bar is broken.
"""

import http.client
import re
import sys
import threading
import time
from pathlib import Path
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from datasette import __version__
from kit.commands import started
from memory import family, resident_mb

PAGE_BAR_S, MEMORY_BAR_MB = 5.0, 700
COUNTING = "with recursive c(x) as (select 1 union all select x+1 from c)"
DOUBLED = ", ".join(f"t{n} as (select a.x from t{n - 1} a, t{n - 1} b)" for n in range(1, 25))
STATEMENTS = {
    "instr": "select instr(printf('%.*c',50000000,'a'),printf('%.*c',1000000,'a')||'b')",
    "instr within the limit": "select instr(printf('%.*c',900000,'a'),printf('%.*c',400000,'a')||'b')",
    "zeroblob": "select length(hex(zeroblob(499000000)))",
    "zeroblobs within the limit": f"{COUNTING} select group_concat(hex(zeroblob(400000))) from c",
    "randomblob": f"{COUNTING} select sum(length(randomblob(900000))) from c",
    "endless recursion": f"{COUNTING} select count(*) from c",
    "recursion into memory": "with recursive c(x) as (select zeroblob(900000) union select randomblob(900000) from c) select count(*) from c",
    "long rows": f"{COUNTING} select x, printf('%.*c',900000,'a') from c",
    "many cells": f"{COUNTING} select {','.join(['x'] * 1900)} from c limit 1000",
    "cross joins": "select count(*) from legs a, legs b, legs c, legs d",
    "sorted cross joins": "select a.* from activities a, activities b, activities c order by random()",
    "distinct": "select count(distinct a.raw||b.id||c.id) from activities a, activities b, activities c",
    "replace": "select length(replace(printf('%.*c',990,'a'),'a',printf('%.*c',990,'a')))",
    "replace in a join": "select sum(length(replace(replace(a.raw,'a',b.raw),'e',c.raw))) from activities a, activities b, activities c",
    "like": f"select printf('%.*c',900000,'a') like '{'%a' * 49}b'",
    "glob": f"select printf('%.*c',900000,'a') glob '{'*a' * 49}b'",
    "like in a join": f"select count(*) from activities a, activities b, activities c where a.raw like '{'%e' * 40}z'",
    "printf": "select length(printf('%900000d%900000d', 1, 2))",
    "group_concat": "select length(group_concat(a.raw||b.raw)) from activities a, activities b",
    "json_each": f"{COUNTING} select sum(json_array_length(json_insert('['||substr(hex(zeroblob(90000)),1,170000)||']','$[#]',x))) from c",
    "json_group_array": "select json_group_array(a.raw) from activities a, activities b",
    "json paths": "select count(*) from activities a, activities b, json_tree(a.raw), json_tree(b.raw)",
    "hex of hex": "select hex(hex(hex(hex(hex(zeroblob(30000))))))",
    "upper": f"{COUNTING} select sum(length(upper(printf('%.*c',900000,'a')))) from c",
    "common tables doubled": f"with t0 as (select 1 as x), {DOUBLED} select count(*) from t24",
    "full text": "select * from activities where activities match 'a'",
    "window": "select sum(count(*)) over (order by a.id) from activities a, activities b, activities c group by a.id, b.id",
}  # fmt: skip
SQL = "/shoemon.json" if __version__ < "1" else "/shoemon/-/query.json"
OTHERS = {
    "a page, for comparison": "/",
    "_where": "/shoemon/activities?_where=(select+count(*)+from+legs+a,+legs+b,+legs+c,+legs+d)&_facet=sport&_facet=source",
    "blanks": f"/shoemon?sql=/**/{'+' * 60000}x",
    "fewer blanks": f"/shoemon?sql={('/**/' + '+' * 99) * 75}x",
    "brackets": f"/shoemon{'' if __version__ < '1' else '/-/query'}?sql=select+{'[' * 300}",
    "facets": "/shoemon/activities?" + "&".join(["_facet=raw"] * 5000),
    "fewer facets": "/shoemon/activities?" + "&".join(["_facet=raw", "_facet_array=raw", "_facet_date=raw"] * 2),
    "wildcards": f"/shoemon/activities.json?raw__like={'%25e' * 49}z&raw__glob={'*e' * 49}z&_sort_desc=raw&_size=max",
    "more wildcards": f"/shoemon/activities.json?raw__like={'%25e' * 900}z",
    "filters": "/shoemon/activities.json?" + "&".join(f"raw__contains={n}" for n in range(99)),
    "everything": "/shoemon/activities.csv?_stream=on&_labels=on&_size=max",
    "extras": "/shoemon/activities.json?_extra=suggested_facets,facet_results,count,columns,all_columns,debug,request&_size=max",
    "nonsense": "/shoemon/activities.json?_size=-1&_next=%ff%00~~,,&_sort=%00&_through={{{&_col=%f0&_shape=x&_ttl=1e9&_search=%00",
}


def main() -> None:
    wanted = sys.argv[1:] or [""]
    addresses = {name: f"{SQL}?sql={quote(sql)}" for name, sql in STATEMENTS.items()} | OTHERS
    is_broken = False
    with started("demo", "--port", "8765", stdin=None) as process:
        port = next(
            int(found[1]) for line in process.stdout if (found := re.match(r"Pages: http://[^:]+:(\d+)/", line))
        )
        while not answer(port, "/"):
            time.sleep(0.1)
        print(f"Datasette {__version__}\n{'':28}asked  page s  MB    end s  answers")
        for name, address in addresses.items():
            for asked in (1, 3):
                if any(part in name for part in wanted):
                    page_s, megabytes, end_s, answers = measured(process.pid, port, address, asked)
                    mark = " !" if page_s > PAGE_BAR_S or megabytes > MEMORY_BAR_MB else ""
                    print(f"{name:28}{asked:5}{page_s:8.2f}{megabytes:6.0f}{end_s:8.2f}  {answers}{mark}", flush=True)
                    is_broken |= bool(mark)
    sys.exit(is_broken)


def measured(pid: int, port: int, address: str, asked: int) -> tuple[float, float, float, list[int]]:
    """Ask for the address so many times at once, and for the first page again and again until all have ended."""
    start, page_s, peak, answers = time.monotonic(), 0.0, 0.0, list[int]()
    threads = [threading.Thread(target=lambda: answers.append(answer(port, address))) for _ in range(asked)]
    pages = threading.Thread(target=lambda: [thread.join() for thread in threads])
    for thread in (*threads, pages):
        thread.start()
    while pages.is_alive():
        before = time.monotonic()
        watch = threading.Thread(target=answer, args=(port, "/"))
        watch.start()
        while watch.is_alive():
            peak = max(peak, sum(map(resident_mb, family(pid))))
            watch.join(0.02)
        page_s = max(page_s, time.monotonic() - before)
    return page_s, peak, time.monotonic() - start, answers


def answer(port: int, address: str) -> int:
    """The status of the answer; 0 if there is none."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        connection.request("GET", address)
        response = connection.getresponse()
        response.read()
        return response.status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


if __name__ == "__main__":
    main()
