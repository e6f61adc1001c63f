// SMS by China Mobile's Cloud MAS over HTTP: base64 of a JSON object whose `mac` is the MD5 of its fields in a row; free text
// (norsubmit) or a template with the text as its one variable (tmpsubmit). The gateway says what became of it by a word in the
// body.
#include "core/base/phone_number.hpp"
#include "core/record/policy_bytes.hpp"
#include "io/courier/cmas.hpp"
#include "io/courier/provider.hpp"
#include "io/courier/signature.hpp"
#include "wire/json_text.hpp"

namespace surged {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view free_path = "/sms/norsubmit";
constexpr std::string_view template_path = "/sms/tmpsubmit";
constexpr std::size_t mobiles_max = 5000;  // of one request, the gateway's limit

constexpr std::array<AnswerRule, 9> answers = {{
    {"success", "", OutcomeClass::ok, 0s, ""},
    {"IllegalMac", "", OutcomeClass::config_error, 0s, "the checksum does not match: ec_name, ap_id, secret_file or sign"},
    {"IllegalSignId", "", OutcomeClass::config_error, 0s, "the signature code `sign` is not valid"},
    {"NoSignId", "", OutcomeClass::config_error, 0s, "no signature belongs to `sign`"},
    {"InvalidUsrOrPwd", "", OutcomeClass::config_error, 0s, "ap_id or the key in secret_file is wrong"},
    {"NOT_WHITE_IP", "", OutcomeClass::config_error, 0s, "this host's address is not on the gateway's list"},
    {"InvalidMessage", "", OutcomeClass::reject, 0s, "the gateway cannot read the message"},
    {"TooManyMobiles", "", OutcomeClass::reject, 0s, "more than 5000 numbers"},
    {"", "too fast", OutcomeClass::retry, 10s, "throttled by the gateway"},
}};

std::string number_of(const Recipient& person) {
    return national_number(person.address.empty() ? person.mobile : person.address);
}

std::string write_cmas(const ProviderInput& in, HttpRequest& out) {
    std::string mobiles;
    std::size_t count = 0;
    for (const auto& person : in.order.people) {
        const auto number = number_of(person);
        if (!number.empty() && count < mobiles_max) {
            mobiles += (mobiles.empty() ? "" : ",") + number;
            ++count;
        }
    }
    if (mobiles.empty()) {
        return "no mobile number that can be called";
    }
    const auto& spec = in.channel.spec;
    const auto ec = setting(spec, "ec_name");
    const auto ap = setting(spec, "ap_id");
    const auto sign = setting(spec, "sign");
    const auto serial = setting(spec, "add_serial");
    const auto& key = in.channel.key.reveal();
    const auto form = setting(spec, "template_id");
    std::string said = in.order.text;
    if (!form.empty()) {
        said.clear();
        JsonWriter(said).begin_array().value(in.order.text).end_array();
        const auto& url = in.channel.url.reveal();
        if (url.ends_with(free_path)) {
            out.url = Secret(url.substr(0, url.size() - free_path.size()) + std::string(template_path));
        }
    }
    const Secret fields(ec + ap + key + form + mobiles + said + sign + serial);
    std::string text;
    JsonWriter json(text);
    json.begin_object().field("ecName", ec).field("apId", ap).field("secretKey", key);
    if (!form.empty()) {
        json.field("templateId", form);
    }
    json.field("mobiles", mobiles).field(form.empty() ? "content" : "params", said);
    json.field("sign", sign).field("addSerial", serial).field("mac", md5_hex(fields.reveal())).end_object();
    out.body = base64(text);
    return {};
}

}  // namespace

const ChannelType& cmas_sms_channel() {
    static const ProviderChannel type({.name = "cmas_sms",
                                       .key_setting = "secret_file",
                                       .key_needed = true,
                                       .path = free_path,
                                       .write = write_cmas,
                                       .outcomes = {.code_in = CodeIn::json_body,
                                                    .code_keys = {"rspcod"},
                                                    .answers = answers,
                                                    .throttle_pause = 30s,
                                                    .id_key = "msgGroup",
                                                    .traced = true},
                                       .write_pull = write_cmas_pull,
                                       .read_pull = read_cmas_pull});
    return type;
}

}  // namespace surged
