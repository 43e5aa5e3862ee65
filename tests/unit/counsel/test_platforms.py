"""Where platforms cover the picture."""

import pytest

PLATFORMS = [
    "douyin", "kuaishou", "taobao", "weixin_channels", "bilibili", "tiktok", "twitch", "youtube",
    "amazon", "generic",
]  # fmt: skip


@pytest.mark.parametrize("platform_id", PLATFORMS)
def test_every_platform_leaves_room_for_a_notice(shipped, platform_id):
    platform = shipped.platform(platform_id)
    assert platform.id == platform_id
    for area in (platform.landscape, platform.portrait):
        assert area.is_open
        assert area.right - area.left >= 0.6
        assert area.bottom - area.top >= 0.4


def test_the_generic_one_is_safe_on_the_big_shopping_platforms(shipped):
    generic = shipped.platform("generic")
    for platform_id in ("douyin", "kuaishou", "taobao", "weixin_channels", "tiktok"):
        platform = shipped.platform(platform_id)
        for mine, theirs in (
            (generic.landscape, platform.landscape),
            (generic.portrait, platform.portrait),
        ):
            assert mine.left >= theirs.left
            assert mine.top >= theirs.top
            assert mine.right <= theirs.right
            assert mine.bottom <= theirs.bottom


def test_an_unknown_platform_gets_the_generic_limits(shipped):
    assert shipped.platform("").id == "generic"
    assert shipped.platform("nobody").id == "generic"


def test_hostdesk_posts_only_where_there_is_an_official_way(shipped):
    official = {each.id for each in shipped.platforms.values() if each.send == "official"}
    assert official == {"twitch", "youtube"}


def test_platforms_have_names(shipped):
    assert shipped.platform("douyin").name("zh") == "抖音"
    assert shipped.platform("douyin").name("en") == "Douyin"
