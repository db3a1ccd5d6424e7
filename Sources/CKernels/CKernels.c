// SPDX-License-Identifier: MIT
#include "CKernels.h"
