// Whether a sanitizer watches this build, for the little that must be otherwise under one: GCC says
// it by macros, clang by features.
#pragma once

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define OKIAGARI_HAS_ADDRESS_SANITIZER 1
#endif
#if __has_feature(thread_sanitizer)
#define OKIAGARI_HAS_THREAD_SANITIZER 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define OKIAGARI_HAS_ADDRESS_SANITIZER 1
#endif
#ifdef __SANITIZE_THREAD__
#define OKIAGARI_HAS_THREAD_SANITIZER 1
#endif

#if defined(OKIAGARI_HAS_ADDRESS_SANITIZER) || defined(OKIAGARI_HAS_THREAD_SANITIZER)
#define OKIAGARI_IS_SANITIZED 1
#endif
