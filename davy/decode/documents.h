// SPDX-License-Identifier: Apache-2.0
// Envelopes whose content is a JSON document beside what describes it. One that holds nothing Davy
// knows is left to the other formats, so that its rejection names what it is.
//
//   kCloudEvent     {"specversion", "type", "source", "data": {…} or "…"}
//   kElasticHit     {"_index", "_id", "_source": {…}}, alone or in the hits of a search
//   kElasticAction  {"index": {"_index", "_id"}}  what a bulk request does: skipped
#pragma once

#include "davy/decode/format.h"

namespace davy::decode {

extern const Format kCloudEvent;
extern const Format kElasticHit;
extern const Format kElasticAction;

}  // namespace davy::decode
