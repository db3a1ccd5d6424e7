// SPDX-License-Identifier: MIT

print("devtool")
