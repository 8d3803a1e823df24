// SPDX-License-Identifier: Apache-2.0
// What the fuzz targets of log formats share: any bytes through cutting, recognition and decoding,
// as a scan does it, into a sink that touches every view of every event. A view that outlived its
// bytes is then a report of the address sanitizer.
//
//   extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
//     davy::fuzz::decode_any({reinterpret_cast<const char*>(data), size}, "cloudtrail");
//     return 0;
//   }
#pragma once

#include <string_view>

namespace davy::fuzz {

/// Decodes `bytes`: JSON when they begin with '{' or '[', else text. `format` names the format
/// whose fields rules ask for in full. Aborts when a decoder breaks a promise of event.h.
void decode_any(std::string_view bytes, std::string_view format);

}  // namespace davy::fuzz
