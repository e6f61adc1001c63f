// How far a libcurl transfer got, as a Transport: the one reading of CURLcode, for HTTP and SMTP. Private to this room.
#pragma once

#include <curl/curl.h>

#include "channels/reply.hpp"

namespace surged {

/// How long a connection may take to come up, of the whole time that an attempt has.
inline constexpr long connect_ms_max = 5000;

/// Of a transfer that ended without an answer. `body_sent`: the whole body was handed over.
Transport transport_of(CURLcode code, CURL* easy, bool body_sent);

}  // namespace surged
