"""The manual among the pages: every chapter, with or without a database, and nothing for whoever may not see the pages."""

from pathlib import Path

from kit.pages import Pages, Tags, build, plain_datasette, text_of

from shoemon.pages.manual import chapters


def test_every_chapter_is_a_page_that_leads_to_the_others(tmp_path: Path) -> None:
    with Pages(build(tmp_path / "shoemon.db"), settings={"base_url": "/shoes/"}) as pages:
        assert 'href="/shoes/-/manual/"' in pages.page("/")
        for name in ("", *chapters()):
            html = pages.page(f"/-/manual/{name}")
            links = {attrs.get("href") for tag, attrs in Tags(html).found if tag == "a"}
            assert {f"/shoes/-/manual/{each}" for each in chapters()} <= links, name
            assert not [link for link in links if link and (".md" in link or link.startswith("http:"))], name
        assert "strava-export Strava's bulk export" in text_of(pages.page("/-/manual/sources")).replace("&#x27;", "'")
        assert pages.get("/-/manual/no")[0].status_code == 404


def test_it_needs_no_database_and_is_as_closed_as_the_pages(tmp_path: Path) -> None:
    with Pages(app=plain_datasette) as pages:
        assert "All settings" in pages.page("/-/manual")
    closed = {"allow": {"id": "me"}}
    with Pages(build(tmp_path / "shoemon.db"), app=plain_datasette, metadata=closed) as pages:
        (answer,) = pages.get("/-/manual/")
        assert (answer.status_code, "All settings" in answer.text) == (404, False)
