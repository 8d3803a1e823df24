// SPDX-License-Identifier: Apache-2.0
// Launches weighed: how much compute a principal asked for within an hour, in money, against what
// it did on earlier days.
//
// Problem. A rule per RunInstances fires all day in a healthy estate; a rule on "10 instances"
// misses one p4d and cries about ten t3.nano.
//
// Idea. Weight = requested count x list price of the type (denied attempts included: they come
// first), raised by what attackers do (several regions, first use of accelerators, the root
// credential, probing by refusals and dry runs, which cost nothing) and lowered by habit: the
// median over at least three earlier days of each day's busiest hour. Only what came before can
// excuse a wave, so a second wave never makes the first look ordinary. Every wave that is an
// attempt by itself is a detection; where there is none, the heaviest is one.
//
// Worked example. 200 x p3.2xlarge at $3.06/h in 8 regions, never seen before, after DryRun probes:
// 1.2*log10(1+612) = 3.3, accelerators +0.8, regions +2.0, probing +0.4: 6.5. A Karpenter role that
// launches $6/h every hour: 1.0 on the first days of the log, 0.2 later; context.
//
// What it does not do: launches made by AWS services on their own behalf, with the service's
// identity or its service-linked role (Auto Scaling, Batch), are the group's doing, judged by rules
// on the group's API calls. A service that acts with its caller's identity (CloudFormation) is the
// caller.
//
// **Summary: the set of distinct launch calls per principal, and the earliest call of anybody.**
#pragma once

#include <memory>

#include "davy/detect/detector.h"

namespace davy::detect {

std::unique_ptr<Detector> make_launch_weight();

}  // namespace davy::detect
