// SPDX-License-Identifier: Apache-2.0
// Amazon VPC flow logs, text form: versions 2-10, default and custom columns.
//
// Which side is ours (Flow::local_*), first rule that applies:
//   1. packet addresses (pkt-srcaddr, pkt-dstaddr) replace srcaddr/dstaddr where they differ:
//   behind
//      a NAT gateway and for EKS pods they are the true ends. Exactly one of them private (RFC
//      1918, 100.64/10, link-local, ULA): that one. A NAT gateway's flow-direction is the gateway's
//      view.
//   2. flow-direction: egress, the source; ingress, the destination.
//   3. exactly one end private: that one.
//   4. neither tells: a lone SYN's sender, or the receiver of a SYN-ACK, is the client; else the
//      lower port is the server's; else the lower address text. The client is local, and
//      Flow::orientation_known is false. Both directions of one connection give the same answer.
#pragma once

#include "davy/decode/format.h"

namespace davy::decode {

extern const Format kVpcFlow;

}  // namespace davy::decode
