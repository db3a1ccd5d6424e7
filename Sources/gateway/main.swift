// SPDX-License-Identifier: MIT

print("gateway")
