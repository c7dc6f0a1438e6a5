// The headers of a captured packet: which bytes of it are the payload above UDP or TCP.
#pragma once

#include "wire/capture.h"

namespace okiagari::wire {

// Sets what is known of the packet: transport, flow, sequence and, as views into it, the payload
// and what is before and behind. A packet that is not understood is all head.
void find_payload(base::Bytes packet, std::uint32_t link_type, CaptureRecord& record);

}  // namespace okiagari::wire
