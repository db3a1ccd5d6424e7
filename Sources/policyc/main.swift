// SPDX-License-Identifier: MIT

import ArgumentParser

PolicyCommand.main()
