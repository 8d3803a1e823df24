// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/connect_outcome.h"

#include <algorithm>
#include <iterator>

namespace davy::decode {
namespace {

using Outcome = event::Connection::Outcome;

/// Source of the numbers: Linux include/uapi/asm-generic/errno-base.h and errno.h.
struct Result {
  std::string_view name, number;
  Outcome outcome;
};
constexpr Result kResults[] = {
    {"SUCCESS", "0", Outcome::kEstablished},    {"EPERM", "-1", Outcome::kFailed},
    {"EACCES", "-13", Outcome::kFailed},        {"EADDRNOTAVAIL", "-99", Outcome::kFailed},
    {"ENETDOWN", "-100", Outcome::kFailed},     {"ENETUNREACH", "-101", Outcome::kFailed},
    {"ENETRESET", "-102", Outcome::kFailed},    {"ECONNABORTED", "-103", Outcome::kFailed},
    {"ECONNRESET", "-104", Outcome::kFailed},   {"ETIMEDOUT", "-110", Outcome::kFailed},
    {"ECONNREFUSED", "-111", Outcome::kFailed}, {"EHOSTDOWN", "-112", Outcome::kFailed},
    {"EHOSTUNREACH", "-113", Outcome::kFailed},
};

}  // namespace

Outcome connect_outcome(std::string_view result) {
  const auto* row = std::find_if(std::begin(kResults), std::end(kResults), [&](const Result& one) {
    return result == one.name || result == one.number;
  });
  return row == std::end(kResults) ? Outcome::kUnknown : row->outcome;
}

}  // namespace davy::decode
