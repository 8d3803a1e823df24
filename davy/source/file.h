// SPDX-License-Identifier: Apache-2.0
// A file, pipe or device as a ByteStream, read in order with read(2). Never mapped: the pages of a
// mapped file would count as ours, and a file cut short underneath us would be a SIGBUS.
#pragma once

#include <memory>
#include <string>

#include "davy/source/input.h"

namespace davy::source {

enum class Kind {
  kFound,  ///< met in a folder: must still be a regular file, and opening never waits
  kNamed,  ///< named by the user: pipes and devices are read too, opening may wait for a writer
};

/// `progress` must outlive the stream; it counts the bytes as they are read and the file as done
/// when the stream goes, together with those of its `size` bytes that nobody read.
Result<std::unique_ptr<ByteStream>> open_file(const std::string& path, Kind kind, uint64_t size,
                                              uint64_t max_endless_bytes, Progress& progress);

/// Standard input, through a descriptor of its own.
Result<std::unique_ptr<ByteStream>> open_stdin(uint64_t size, Progress& progress);

}  // namespace davy::source
