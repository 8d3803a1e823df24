// SPDX-License-Identifier: Apache-2.0
// The normalised event: the vocabulary between decoders and detectors.
//
// An Event is a flat struct of views into the record (or the worker's arena) plus one payload that
// tells what happened. Nothing is allocated on the way through; everything dies with the record, so
// whoever keeps something copies it. An absent value is an empty view or zero.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "davy/base/address.h"
#include "davy/base/hash.h"
#include "davy/base/time.h"
#include "davy/event/entity.h"
#include "davy/event/field.h"
#include "davy/event/host.h"

namespace davy::event {

/// Where a record was read: index into the scan's source list, and byte offset in that source after
/// decompression.
struct RecordRef {
  uint32_t source = 0;
  uint64_t offset = 0;
  auto operator<=>(const RecordRef&) const = default;
};

/// What a launch-type API call asks for, one shape for EC2, Auto Scaling, ECS, Lambda, …
struct Launch {
  std::string_view instance_type;  ///< "c5.4xlarge"; empty for container launches
  std::string_view image;          ///< AMI id or container image
  std::string_view key_name;       ///< SSH key name
  std::string_view
      requester;  ///< service that launched on the caller's behalf (responseElements.requesterId)
  uint32_t requested = 0;  ///< instances or tasks asked for; of a group those it is to run now
  uint32_t potential = 0;  ///< what a group may grow to; 0 where the call does not say
  bool termination_protection =
      false;  ///< disableApiTermination or disableApiStop asked for at launch
  std::span<const std::string_view> instance_ids;  ///< what the response says was launched
  std::span<const std::string_view> private_ips;   ///< parallel to instance_ids where known
  std::span<const std::string_view> interfaces;    ///< parallel to instance_ids where known
  std::span<const std::string_view> vpcs;          ///< parallel to instance_ids where known
  std::string_view owner;  ///< group or fleet that AWS launched them for, by their tags
};

/// Compute that AWS keeps running for whoever asked, until a later call ends it.
enum class StandingKind : uint8_t {
  kService,        ///< ECS service
  kTask,           ///< ECS task run by itself
  kGroup,          ///< EC2 Auto Scaling group
  kSpotFleet,      ///< sfr-…
  kFleet,          ///< EC2 fleet, fleet-…
  kSpotRequest,    ///< sir-…
  kNotebook,       ///< SageMaker notebook instance
  kNodeGroup,      ///< EKS node group
  kTrainingJob,    ///< SageMaker training job
  kProcessingJob,  ///< SageMaker processing job
  kEmrCluster,     ///< j-…
};

/// How much of it a call sets up, changes or ends.
struct Standing {
  StandingKind kind = StandingKind::kService;
  std::span<const std::string_view> names;  ///< ids or names, without cluster or path
  std::string_view cluster;                 ///< ECS or EKS cluster, its name
  std::string_view recipe;         ///< task definition ("family:revision"), launch template, …
  std::string_view instance_type;  ///< where the call states one
  std::string_view launch_type;    ///< "FARGATE", "EC2", …
  std::optional<uint32_t> units;   ///< of each, from now on; 0 ends it; absent: as before
  std::optional<uint32_t> least;   ///< a group has at least so many
  std::optional<uint32_t> most;    ///< and at most so many
};

/// What a task definition, launch template or launch configuration says its machines are.
struct Recipe {
  std::span<const std::string_view> names;  ///< one thing may have a name and an id
  std::string_view revision;
  std::string_view instance_type;
  std::string_view image;
  double vcpus = 0;       ///< 0: not stated
  double memory_gib = 0;  ///< likewise
  bool arm = false;
};

/// A control-plane call.
struct ApiCall {
  std::string_view service;    ///< "ec2.amazonaws.com"
  std::string_view operation;  ///< "RunInstances"
  std::string_view error_code;
  std::string_view error_message;
  std::string_view user_agent;
  std::string_view target;   ///< what was acted on: user, trail, detector, instance, policy …
  std::string_view setting;  ///< what the call sets or attaches: key status, protection, policy
  std::string_view named_access_key;    ///< key id that the request acts on
  std::string_view created_access_key;  ///< key id handed out by CreateAccessKey, AssumeRole, …
  std::span<const std::string_view> instance_ids;  ///< instances launched, started, stopped, ended
  std::string_view new_instance_type;              ///< what an instance is resized to
  bool read_only = false;
  bool failed = false;
  bool dry_run = false;  ///< a permission probe that would have succeeded
  std::optional<Launch> launch;
  std::optional<Standing> standing;
  std::optional<Recipe> recipe;
};

/// Who did it.
struct Actor {
  std::string_view type;        ///< Root, IAMUser, AssumedRole, AWSService, …
  std::string_view arn;         ///< the caller's ARN (for a session, the session ARN)
  std::string_view issuer_arn;  ///< the role behind a session
  std::string_view name;        ///< user or role name
  std::string_view access_key;
  std::string_view account;         ///< the caller's own; differs from Event::account cross-account
  std::string_view source_ip;       ///< empty when the record names no address
  std::string_view source_service;  ///< "autoscaling.amazonaws.com"
  bool mfa = false;
};

/// One direction of one connection in one capture window.
struct Flow {
  /// Addresses as text; `local` is the workload's side (see decode/vpc_flow.h for how it is told).
  std::string_view local_ip;
  std::string_view remote_ip;
  Address local;  ///< local_ip and remote_ip as numbers: parsed once, by the decoder
  Address remote;
  uint16_t local_port = 0;
  uint16_t remote_port = 0;
  uint8_t protocol = 0;   ///< IANA: 6 TCP, 17 UDP
  uint8_t tcp_flags = 0;  ///< OR over the window: FIN 1, SYN 2, RST 4, SYN-ACK 18
  bool outbound = false;  ///< the workload sent these bytes
  bool accepted = true;
  bool orientation_known = false;  ///< false: local/remote is a guess from ports and address ranges
  uint64_t bytes = 0;
  uint64_t packets = 0;
  std::string_view interface;
  std::string_view vpc;
  std::string_view aws_service;  ///< owner of the remote address where the record says (v5)
};

struct DnsQuery {
  std::string_view name;  ///< lower case, no trailing dot
  std::string_view type;
  std::string_view rcode;
  std::string_view client_ip;
  std::string_view vpc;
  bool blocked = false;  ///< a DNS firewall refused it; the asker is still infected
  std::span<const std::string_view> answers;  ///< addresses and names as answered
};

/// One datapoint of one time series.
struct Metric {
  std::string_view name_space;  ///< "AWS/EC2"
  std::string_view name;        ///< "CPUUtilization"
  std::string_view statistic;   ///< "Average", …
  std::string_view unit;
  std::string_view series;  ///< identity of the series when no instance id is known (label, file)
  double value = 0;
  DurationNs period = 0;  ///< 0: unknown
};

/// Something a record names, as a view.
struct Named {
  EntityType type = EntityType::kCluster;
  std::string_view id;

  bool operator==(const Named&) const = default;
};

/// A finding by another product.
struct Finding {
  std::string_view product;  ///< "guardduty", "falco"
  std::string_view type;     ///< vendor's type or rule name
  std::string_view title;
  double severity = 0;  ///< 0-100
  Time first_seen;
  Time last_seen;
  Time reported;  ///< when the vendor first wrote it down; unknown: as it was seen
  uint64_t count = 1;
  bool sample = false;    ///< vendor-made sample; never opens an incident
  bool archived = false;  ///< put aside, by an analyst or by a filter
  std::string_view remote_ip;
  uint16_t remote_port = 0;
  std::string_view domain;
  std::string_view process_path;
  std::string_view process_sha256;
  /// Vendor's own indicators of an attack sequence: "CRYPTOMINING_DOMAIN", "ATTACK_TACTIC", …
  std::span<const std::string_view> indicators;
  /// Every instance, key, task … the vendor names besides the event's own subject.
  std::span<const std::string_view> instance_ids;
  std::span<const std::string_view> access_keys;
  std::span<const Named> named;  ///< clusters, tasks, containers, pods and images, likewise
  Time ended;  ///< by then the event's instance had been terminated; unknown: nothing says so
};

/// One payload pointer below is set, several where a record tells several things (who ran, whereto
/// it connects, what the vendor makes of it), or none for records that only Sigma rules read.
/// Payloads belong to the decoder and are valid until its next decode().
struct Event {
  Time time;
  Time end;  ///< end of the window; equals time for instants
  RecordRef ref;
  Hash128 key;                 ///< identity of the record: same record twice, same key
  std::string_view record_id;  ///< vendor's id where there is one ("eventID"), else empty
  uint16_t format = 0;         ///< index into decode's format table
  uint32_t logsources = 0;     ///< bit i: the format's logsource i describes this event

  std::string_view account;
  std::string_view region;
  std::string_view instance;  ///< instance the event is about, or comes from
  std::string_view instance_type;
  std::string_view instance_name;  ///< its Name tag; many machines may share one
  std::string_view host;
  std::string_view cluster;
  std::string_view task;
  std::string_view function;  ///< Lambda function: its ARN, or the name where there is no more
  std::string_view container;
  std::string_view pod;  ///< "namespace/name"
  std::string_view image;
  Actor actor;

  const ApiCall* api = nullptr;
  const Flow* flow = nullptr;
  const DnsQuery* dns = nullptr;
  const Process* process = nullptr;
  const Connection* connection = nullptr;
  const Metric* metric = nullptr;
  const Finding* finding = nullptr;
  const HostChange* host_change = nullptr;
};

}  // namespace davy::event
