// SPDX-License-Identifier: Apache-2.0
#include "davy/source/os_error.h"

#include <cerrno>
#include <system_error>

namespace davy::source {
namespace {

struct Row {
  int number;
  ErrorCode code;
  const char* message;
};

constexpr Row kRows[] = {
    {ENOENT, ErrorCode::kNotFound, "does not exist; check the spelling"},
    {ENOTDIR, ErrorCode::kNotFound, "does not exist; a part of the path is a file, not a folder"},
    {EACCES, ErrorCode::kPermission,
     "may not be read by this user; run as one who may, or chmod it"},
    {EPERM, ErrorCode::kPermission, "may not be read by this user; run as one who may"},
    {ELOOP, ErrorCode::kInvalidInput, "is a symbolic link that leads in a circle; name its target"},
    {ENAMETOOLONG, ErrorCode::kInvalidInput, "has too long a path; name a folder nearer to it"},
    {EISDIR, ErrorCode::kInvalidInput, "became a folder while it was read; scan again"},
    {EMFILE, ErrorCode::kIo, "cannot be opened, too many files are open; raise `ulimit -n`"},
    {ENFILE, ErrorCode::kIo, "cannot be opened, the system has too many files open"},
    {ENXIO, ErrorCode::kUnsupported, "is a socket or a device without a driver; name a file"},
    {EIO, ErrorCode::kIo, "cannot be read, the device reports an error; copy it from a backup"},
    {ESTALE, ErrorCode::kIo, "vanished from the file server while it was read; scan again"},
};

}  // namespace

Error os_error(int number) {
  for (const auto& [known, code, message] : kRows) {
    if (known == number) return Error(code, message);
  }
  return Error(ErrorCode::kIo, "cannot be read: " + std::generic_category().message(number));
}

}  // namespace davy::source
