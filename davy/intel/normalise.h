// SPDX-License-Identifier: Apache-2.0
// One spelling for each value, so that indicators and look-ups meet. (refang is in intel.h.)
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "davy/intel/intel.h"

namespace davy::intel {

/// The part of a container image reference that names the repository: without scheme, docker.io,
/// library/, tag and digest. "docker.io/library/nginx:1.27" -> "nginx". A view into `image`.
std::string_view image_repository(std::string_view image);

/// The part of a path after the last '/' or '\', without ".exe".
std::string_view file_name(std::string_view path);

/// A path without the " (deleted)" that Linux appends to a running file that was removed.
std::string_view without_deleted_mark(std::string_view path);

/// The value as an IndicatorEntry keeps it, or nothing when it is not of that kind.
std::optional<std::string> normal_value(IndicatorKind kind, std::string_view value);

}  // namespace davy::intel
