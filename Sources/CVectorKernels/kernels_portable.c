// The kernels for any processor: four lanes.
#define LANES 4
#define TILE_ROWS 4
#define TILE_VECTORS 2
#define KERNEL(name) winnow_portable_##name
#include "kernels_body.h"
