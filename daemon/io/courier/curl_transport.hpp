// How far a libcurl transfer got, as a Transport: the one reading of CURLcode, for HTTP and SMTP. Private to this room.
#pragma once

#include <curl/curl.h>

#include "channels/reply.hpp"

namespace surged {

/// Of a transfer that ended without an answer. `body_sent`: the whole body was handed over.
Transport transport_of(CURLcode code, CURL* easy, bool body_sent);

}  // namespace surged
