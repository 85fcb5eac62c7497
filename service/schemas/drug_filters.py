"""How targets and pathways of a filter are described, wherever one is taken."""

TARGET = "Only drugs with this target: as the bundle writes it, by its gene or by its beginning; case does not matter."
PATHWAY = "Only drugs on this pathway, or on those that have this in their name; case does not matter."
