// SPDX-License-Identifier: Apache-2.0
// The documents of a YAML stream.
//
// Read one at a time, because yaml-cpp 0.7 never comes to the end of some broken streams when asked
// for all of them. Positions count from the start of the stream.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace YAML {
class Node;
}

namespace davy::sigma::internal {

struct BrokenDocument {
  int line = 0;  ///< from 1
  int column = 0;
  std::string message;
};

/// Appends what can be read to `documents`, empty ones left out; a broken document does not keep
/// the others from being read.
void read_documents(std::string_view stream, std::vector<YAML::Node>& documents,
                    std::vector<BrokenDocument>& broken);

}  // namespace davy::sigma::internal
