// Nothing but the header is needed of this target; a C target must have a source.
#include "fuzz_driver.h"
