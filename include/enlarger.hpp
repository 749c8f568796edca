// libenlarger for C++17, header-only: RAII objects, exceptions and callables. The manual is enlarger.h.
//
// Failures throw enlarger::Error. Callbacks return true to continue; an exception in one stops the run, which rethrows
// it. Objects can be moved but not copied. For threads see enlarger.h.
#pragma once
#include "enlarger.h"
#include <exception>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>
static_assert(ENL_ABI_VERSION == 1, "enlarger.hpp and enlarger.h are of different versions");
namespace enlarger {
using Face = enl_face; using Plan = enl_plan; using Progress = enl_progress; using Rect = enl_rect; using View = enl_view;

/// A failed call. what() is the message. The status is ENL_ERROR_*, or ENL_CANCELLED, which should not be shown.
class Error : public std::runtime_error {
    int32_t status_;
public:
    Error(int32_t status, const std::string &sentence) : std::runtime_error(sentence), status_(status) {}
    int32_t status() const noexcept { return status_; }
};

/// Rows from or to a callable, like enl_source and enl_sink.
template <typename... Args> struct Rows { uint32_t width, height; int32_t format; std::function<bool(Args...)> row; };
using Source = Rows<uint32_t /* x */, uint32_t /* y */, void * /* row */, size_t /* size */>;
using Sink = Rows<uint32_t /* y */, const void * /* row */, size_t /* size */>;

namespace detail {
/// Owns a handle and has helpers for calls with it.
template <typename Object, int32_t (*Free)(Object *)> struct Owner {
    const Object *get() const noexcept { return handle_.get(); }
    static const Object *get(const Owner *owner) noexcept { return owner ? owner->get() : nullptr; }
protected:
    struct Freed { void operator()(Object *handle) const noexcept { Free(handle); } };
    std::unique_ptr<Object, Freed> handle_;
    explicit Owner(Object *handle) : handle_(handle) {}
    static void check(int32_t status) {
        if (status == ENL_OK) return;
        std::string sentence(enl_last_error(nullptr, 0), '\0');
        throw (enl_last_error(sentence.data(), sentence.size() + 1), Error(status, sentence));
    }
    /// Calls a function and returns what it writes to its last argument.
    template <typename Value, typename Call, typename... Inputs> static Value made(Call call, Inputs... inputs) {
        Value value{}; return check(call(inputs..., &value)), value; }
    /// Calls a function that returns a string of any length.
    template <typename Call, typename... Inputs> static std::string copied(Call call, Inputs... inputs) {
        std::string text(255, '\0');
        for (size_t length = 0;; text.resize(length)) {
            const int32_t status = call(inputs..., text.data(), text.size() + 1, &length);
            if (status != ENL_ERROR_BUFFER) return check(status), text.substr(0, length);
        }
    }
};

/// Wraps a callable as a C callback. An exception must not pass through the library: it is stored, and stops the call.
template <typename... Arguments> struct Callback {
    const std::function<bool(Arguments...)> &function;
    std::exception_ptr thrown = nullptr;
    auto pointer() const { return function ? call : nullptr; }
    int32_t ended(int32_t status) const { return thrown ? std::rethrow_exception(thrown), status : status; }
    static int32_t call(void *self, Arguments... arguments) noexcept {
        auto *callback = static_cast<Callback *>(self);
        try { if (callback->function(arguments...)) return ENL_CONTINUE; }
        catch (...) { callback->thrown = std::current_exception(); }
        return !ENL_CONTINUE;
    }
};
/// Calls a function that reads a source.
template <typename Call> int32_t read(const Source &source, Call call) {
    Callback<uint32_t, uint32_t, void *, size_t> row{source.row};
    return row.ended(call(enl_source{row.call, &row, source.width, source.height, source.format, 0})); }
}  // namespace detail

/// A cancellation token. Any thread may request cancellation at any time.
struct Cancel : detail::Owner<enl_cancel, enl_cancel_free> {
    Cancel() : Owner(made<enl_cancel *>(enl_cancel_new)) {}
    void request() const { check(enl_cancel_request(get())); }
    bool requested() const { return made<int32_t>(enl_cancel_is_requested, get()) != 0; }
};

/// Optional arguments of a run. Importing and installing take a token, and a callable for their steps.
struct Run {
    const struct Options *options = nullptr; const Rect *rect = nullptr; const Cancel *cancel = nullptr;
    std::function<bool(const Progress *)> progress = nullptr;
    std::function<bool(double /* fraction, or -1 */, const char * /* text */)> step = nullptr;
};

/// The models, engines and devices of this machine, and the catalogue. For properties see enl_registry_model_text etc.
struct Registry : detail::Owner<enl_registry, enl_registry_free> {
    explicit Registry(const std::vector<const char *> &folders = {})
        : Owner(made<enl_registry *>(enl_registry_new, folders.data(), folders.size())) {}
    size_t models() const { return made<size_t>(enl_registry_model_count, get()); }
    size_t engines() const { return made<size_t>(enl_registry_engine_count, get()); }
    size_t devices() const { return made<size_t>(enl_registry_device_count, get()); }
    size_t available() const { return made<size_t>(enl_registry_available_count, get()); }
    std::string model(size_t i, const char *what) const { return copied(enl_registry_model_text, get(), i, what); }
    std::string engine(size_t i, const char *what) const { return copied(enl_registry_engine_text, get(), i, what); }
    std::string device(size_t i, const char *what) const { return copied(enl_registry_device_text, get(), i, what); }
    std::string available(size_t i, const char *s) const { return copied(enl_registry_available_text, get(), i, s); }
    /// Imports a network and returns its id. A new registry shows what this and the following functions have changed.
    std::string import_model(const std::string &path, const Run &how = {}) const {
        detail::Callback<double, const char *> step{how.step};
        return copied([&](auto... id) { return step.ended(enl_registry_import(
            get(), path.c_str(), Cancel::get(how.cancel), step.pointer(), &step, id...)); }); }
    void install(const std::string &id, bool accept_unclear_licence = false, const Run &how = {}) const {
        detail::Callback<double, const char *> step{how.step};
        check(step.ended(enl_registry_install(
            get(), id.c_str(), accept_unclear_licence, Cancel::get(how.cancel), step.pointer(), &step))); }
    void remove(const std::string &id) const { check(enl_registry_remove(get(), id.c_str())); }
};

struct ConstView { View view; ConstView(const View &pixels) : view(pixels) {} };  // Pixels that are only read.

/// What was found to repair in an old photograph; empty if nothing. See enl_damage_find, enl_damage_mask.
struct Damage : detail::Owner<enl_damage, enl_damage_free> {
    explicit Damage(enl_damage *handle) : Owner(handle) {}
    explicit operator bool() const noexcept { return get() != nullptr; }
    void mask(const View &gray) const { check(enl_damage_mask(get(), &gray)); }
};

/// Options by key. For the properties see enl_options_describe, for the mask enl_options_set_mask.
struct Options : detail::Owner<enl_options, enl_options_free> {
    explicit Options(const Registry &registry) : Owner(made<enl_options *>(enl_options_new, registry.get())) {}
    /// Sets an option of any type except bytes and mask, from a string, a number or a boolean.
    template <typename T> Options &set(const char *key, const T &value) {
        if constexpr (std::is_integral_v<T>) check(enl_options_set_integer(handle_.get(), key, int64_t(value)));
        else if constexpr (std::is_floating_point_v<T>) check(enl_options_set_float(handle_.get(), key, double(value)));
        else check(enl_options_set(handle_.get(), key, std::string(value).c_str()));
        return *this; }
    Options &set_bytes(const char *key, const void *bytes, size_t size) {
        return check(enl_options_set_bytes(handle_.get(), key, bytes, size)), *this; }
    Options &set_mask(const ConstView &mask) { check(enl_options_set_mask(handle_.get(), &mask.view)); return *this; }
    Options &set_scratch_mask(const ConstView &mask) {
        return check(enl_options_set_scratch_mask(handle_.get(), &mask.view)), *this; }
    Options &set_damage(const Damage &damage) {
        return check(enl_options_set_damage(handle_.get(), damage.get())), *this; }
    Options &reset(const char *key) { check(enl_options_reset(handle_.get(), key)); return *this; }
    size_t count() const { return made<size_t>(enl_options_count, get()); }
    std::string key(size_t i) const { return copied(enl_options_key, get(), i); }
    std::string describe(const char *k, const char *what) const { return copied(enl_options_describe, get(), k, what); }
};

/// A view of all pixels in a vector, an array or a span, in rows without gaps; a ConstView if the pixels are const.
template <typename Pixels> auto view(Pixels &pixels, uint32_t width, uint32_t height, int32_t format) {
    const int sample = format % 16, channels = format / 16 % 16;  // The library refuses invalid formats.
    const size_t row = size_t(width) * (sample == 1 ? 1 : sample == 4 ? 4 : 2) * size_t(channels < 4 ? channels : 4);
    void *data = const_cast<void *>(static_cast<const void *>(pixels.data()));
    const View view = {data, pixels.size() * sizeof(*pixels.data()), row, width, height, format, 0};
    return std::conditional_t<std::is_const_v<std::remove_pointer_t<decltype(pixels.data())>>, ConstView, View>(view);
}

/// The faces in a picture, the surest first. The run's options, token and steps are used. See enl_faces_find.
struct Faces : detail::Owner<enl_faces, enl_faces_free> {
    Faces(const Registry &registry, const Source &source, const Run &how = {})
        : Owner(made<enl_faces *>([&](enl_faces **faces) {
            detail::Callback<double, const char *> step{how.step};
            return step.ended(detail::read(source, [&](const enl_source &from) { return enl_faces_find(registry.get(),
                Options::get(how.options), &from, Cancel::get(how.cancel), step.pointer(), &step, faces); })); })) {}
    size_t count() const { return made<size_t>(enl_faces_count, get()); }
    Face operator[](size_t i) const { return made<Face>(enl_faces_get, get(), i); }
};

/// Pieces of advice on a picture, often none. For the properties see enl_advice_text, for the figure enl_advice_value.
struct Advice : detail::Owner<enl_advice, enl_advice_free> {
    explicit Advice(enl_advice *handle) : Owner(handle) {}
    size_t count() const { return made<size_t>(enl_advice_count, get()); }
    std::string text(size_t i, const char *what) const { return copied(enl_advice_text, get(), i, what); }
    double value(size_t i) const { return made<double>(enl_advice_value, get(), i); }
};

/// The networks of a preset, or one model, opened on an engine. For the properties see enl_upscaler_text.
struct Upscaler : detail::Owner<enl_upscaler, enl_upscaler_free> {
    Upscaler(const Registry &registry, const Options &options)
        : Owner(made<enl_upscaler *>(enl_upscaler_new, registry.get(), options.get())) {}
    std::string text(const char *what) const { return copied(enl_upscaler_text, get(), what); }
    /// What a result says about how it was made: "xmp", "software" or "source_type". See enl_upscaler_provenance.
    std::string provenance(uint32_t width, uint32_t height, const char *what, const Run &how = {}) const {
        return copied(enl_upscaler_provenance, get(), Options::get(how.options), width, height, how.rect, what); }
    Plan plan(uint32_t width, uint32_t height, const Run &how = {}) const {
        return made<Plan>(enl_upscaler_plan, get(), Options::get(how.options), width, height, how.rect); }
    /// Returns the noise level for the option "denoise"; -1: leave the option as it is. See enl_upscaler_measure.
    int32_t measure(const Source &from, const Run &how = {}) const { return looked(enl_upscaler_measure, from, how); }
    /// The same for faces, for the option "face_denoise". See enl_upscaler_measure_faces.
    int32_t measure_faces(const Source &from, const Run &how = {}) const {
        return looked(enl_upscaler_measure_faces, from, how); }
    /// Whether a stream wants to know the faces, in the option "face_points". See enl_upscaler_wants_faces.
    bool wants_faces(uint32_t width, uint32_t height, const Run &how = {}) const {
        return made<int32_t>(enl_upscaler_wants_faces, get(), Options::get(how.options), width, height) != 0; }
    /// Returns what the picture is, for the option "content": ENL_CONTENT_*. See enl_upscaler_measure_content.
    int32_t measure_content(const Source &source, const Run &how = {}) const {
        return looked(enl_upscaler_measure_content, source, how); }
    /// Finds what a stream is to repair, for Options::set_damage. See enl_damage_find.
    Damage find_damage(const Source &source, const Run &how = {}) const {
        return Damage(looked<enl_damage *>(enl_damage_find, source, how)); }
    /// Says what spoils an enlargement of a picture. See enl_advice_new.
    Advice advise(const Source &source, const Run &how = {}) const {
        return Advice(looked<enl_advice *>(enl_advice_new, source, how)); }
    void run(const ConstView &source, const View &target, const Run &how = {}) {
        check(done(enl_upscaler_run, source.view, target, how)); }
    void stream(const Source &source, const Sink &sink, const Run &how = {}) {
        detail::Callback<uint32_t, const void *, size_t> write{sink.row};
        const enl_sink to = {write.call, &write, sink.width, sink.height, sink.format, 0};
        const auto run = [&](const enl_source &from) { return done(enl_upscaler_stream, from, to, how); };
        check(write.ended(detail::read(source, run))); }
private:
    template <typename Value = int32_t, typename Call> Value looked(Call call, const Source &source, const Run &how) const {
        return made<Value>([&](Value *value) { return detail::read(source, [&](const enl_source &from) {
            return call(get(), Options::get(how.options), &from, Cancel::get(how.cancel), value); }); });
    }
    template <class Call, class F, class T> int32_t done(Call call, const F &from, const T &to, const Run &how) {
        detail::Callback<const Progress *> progress{how.progress};
        return progress.ended(call(handle_.get(), Options::get(how.options), &from, how.rect, Cancel::get(how.cancel),
                                   progress.pointer(), &progress, &to));
    }
};
}  // namespace enlarger
