// SPDX-License-Identifier: Apache-2.0
// Finished scans for the renderers' tests, built by hand: three incidents of three shapes, the same
// with hostile log text in every field, and a scan that found nothing.
#pragma once

#include <string_view>

#include "davy/report/report.h"

namespace davy::report {

/// A leaked key with 200 GPU instances, a root key with ten instances, one compromised workload,
/// and a suppressed test miner.
ScanReport three_incidents();

/// What an attacker may write into a log: markup, escapes, formulas, invalid UTF-8, bidi, wide
/// text.
inline constexpr std::string_view kHostile =
    "</td></script><script>alert(1)</script><img src=x "
    "onerror=alert(1)>\"'&`|*_[x](http://evil.example)"
    "\n\r\x1b[31m\x1b]0;t\x07\xff\xe2\x80\xae \xe6\xbc\xa2\xe5\xad\x97 www.evil.example "
    "a@evil.example "
    "=cmd|'/c calc'!A0 185.143.221.89";

/// three_incidents() with kHostile behind every text.
ScanReport hostile_incidents();

/// A scan of quiet logs: no incident, one unreadable source, some rejected records.
ScanReport nothing_found();

}  // namespace davy::report
