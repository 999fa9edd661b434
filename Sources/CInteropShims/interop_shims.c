#include "interop_shims.h"
