// SPDX-License-Identifier: Apache-2.0
// Formats that Davy knows by sight and does not read: a rejection should say which log was lost.
// Asked only after recognition found nothing, so a decoder written for one of them is asked first;
// its row here goes then.
#pragma once

#include <string_view>

#include "davy/decode/format.h"

namespace davy::decode {

/// "Kubernetes audit event: Davy does not read it yet"; empty when it looks like nothing known.
std::string_view unread_json(const JsonShape& shape);
std::string_view unread_text(const TextProbe& probe);

}  // namespace davy::decode
