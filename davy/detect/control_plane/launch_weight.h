// SPDX-License-Identifier: Apache-2.0
// Launches weighed: how much compute a principal asked for in its busiest hour, in money, against
// its own habits.
//
// Problem. A rule per RunInstances fires all day in a healthy estate; a rule on "10 instances"
// misses one p4d and cries about ten t3.nano.
//
// Idea. Weight = requested count x list price of the type (denied and DryRun attempts included:
// they come first), raised by what attackers do (several regions, first use of accelerators, the
// root credential, probing) and lowered by habit (the same principal asks for as much at other
// times).
//
// Worked example. 200 x p3.2xlarge at $3.06/h in 8 regions, never seen before, after DryRun probes:
// 1.2*log10(1+612) = 3.3, accelerators +0.8, regions +2.0, probing +0.4: 6.5. A Karpenter role that
// launches $6/h every hour: 0.2, context.
//
// What it does not do: launches made by AWS services on their own behalf (Auto Scaling, Batch) are
// the group's doing, judged by rules on the group's API calls.
//
// **Summary: the set of distinct launch calls per principal; duplicates and order change nothing.**
#pragma once

#include <memory>

#include "davy/detect/detector.h"

namespace davy::detect {

std::unique_ptr<Detector> make_launch_weight();

}  // namespace davy::detect
