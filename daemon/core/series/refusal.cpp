// Label values of surged_ingest_rejected_total{reason}: the enumerators' own names, so that code, metric and documents agree.
#include "core/series/message.hpp"

namespace surged {

std::string_view to_string(Refusal reason) {
    switch (reason) {
        case Refusal::malformed: return "malformed";
        case Refusal::missing_field: return "missing_field";
        case Refusal::wrong_type: return "wrong_type";
        case Refusal::wrong_version: return "wrong_version";
        case Refusal::message_too_large: return "message_too_large";
        case Refusal::too_many_queues: return "too_many_queues";
        case Refusal::too_many_metrics: return "too_many_metrics";
        case Refusal::bad_name: return "bad_name";
        case Refusal::name_too_long: return "name_too_long";
        case Refusal::not_finite: return "not_finite";
        case Refusal::topic_mismatch: return "topic_mismatch";
        case Refusal::repeat: return "repeat";
        case Refusal::early: return "early";
        case Refusal::late: return "late";
        case Refusal::source_limit: return "source_limit";
        case Refusal::series_limit: return "series_limit";
        case Refusal::foreign_source: return "foreign_source";
        case Refusal::not_zmtp: return "not_zmtp";
        case Refusal::handshake_timeout: return "handshake_timeout";
        case Refusal::connection_limit: return "connection_limit";
        case Refusal::memory_limit: return "memory_limit";
        case Refusal::wrong_socket: return "wrong_socket";
        case Refusal::wrong_key: return "wrong_key";
        case Refusal::count_: break;
    }
    return "unknown";
}

}  // namespace surged
