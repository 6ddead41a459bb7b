"""The values of OpenStreetMap's `surface` tag: which surface of shoemon each means, with common misspellings. Pure."""

from shoemon.model.ids import SurfaceId

_VALUES = {
    "asphalt": """asphalt chipseal tarmac tarmacadam bitmac tar tarred bitumen bituminous asfalt asfalto asphalte aspalt
        ashpalt ashphalt aspahlt apshalt asphal asphat asphlat asphaltt asphalted sealed""",
    "concrete": "concrete cement concrete_plates concrete_lanes concrete_slab concrete_slabs concreto beton",
    "paving": """paving_stones paving_stone pavingstones pavingstone paving paving_slabs pavers paver paving_blocks
        brick bricks brick_weave block_paved interlock interlocking concrete:paving concrete:tiles concrete:pavers tile
        tiles stone_tiles stone:plates flagstone flagstones slabs stone_slabs marble terracotta""",
    "cobble": "cobblestone cobblestones coblestone cobbelstone cobble cobbles cobbled sett setts unhewn_cobblestone",
    "wood": "wood wooden boardwalk planks plank wood_planks timber decking logs",
    "metal": "metal metal_grid steel iron grid grating",
    "paved": "paved pavement glass plastic hard acrylic_paint",
    "compacted": """compacted fine_gravel fine_gravels finegravel stabilized stabilised decomposed_granite
        crushed_limestone crushed_stone crushed_gravel crushed_brick crushed_bricks limestone hoggin cinder cinders ash
        compact compacted_gravel""",
    "gravel": """gravel gravels grave gravle gravel/sand pebblestone pebblestones pebble pebbles shingle chippings
        chipping scree ballast hardcore grit stones crushed_rock track_ballast""",
    "dirt": """dirt earth ground mud muddy soil clay dirt/sand earth/sand laterite loam peat humus forest forest_floor
        woodchips woodchip wood_chips bark bark_mulch bark_chips mulch dirt_track trail natural""",
    "grass": "grass grass_paver grass_pavers grass_paved lawn meadow gras grassland grassy",
    "sand": "sand sandy beach",
    "rock": "rock rocks rocky stone bare_rock boulders granite slickrock bedrock",
    "snow": "snow ice",
    "unpaved": "unpaved unsealed unsurfaced salt salt_flat",
    "tartan": "tartan rubber rubbercrumb rubber_crumb acrylic polyurethane synthetic tarmac_rubber pur epdm",
    "turf": "artificial_turf artificial_grass astroturf astro_turf synthetic_grass synthetic_turf carpet",
}
WORDS: dict[str, SurfaceId] = {
    value: SurfaceId(surface) for surface, values in _VALUES.items() for value in values.split()
}
"""In lower case, `_` for a space. What follows a colon (`cobblestone:flattened`, `paving_stones:30`) is left off where
the value as a whole does not stand here."""
