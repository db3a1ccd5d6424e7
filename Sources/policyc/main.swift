// SPDX-License-Identifier: MIT

print("policyc")
