//! What a guard of a lock is for who holds it.

/// Implements what every guard is for its user: a pointer to its value.
macro_rules! guard_traits {
    ([$($generics:tt)*] $guard:ty => $target:ty) => {
        impl<$($generics)*> std::ops::Deref for $guard {
            type Target = $target;

            fn deref(&self) -> &$target {
                &self.0
            }
        }

        impl<$($generics)*> std::fmt::Debug for $guard
        where
            $target: std::fmt::Debug,
        {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Debug::fmt(&**self, f)
            }
        }

        impl<$($generics)*> std::fmt::Display for $guard
        where
            $target: std::fmt::Display,
        {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(&**self, f)
            }
        }
    };
    (mut [$($generics:tt)*] $guard:ty => $target:ty) => {
        guard_traits!([$($generics)*] $guard => $target);

        impl<$($generics)*> std::ops::DerefMut for $guard {
            fn deref_mut(&mut self) -> &mut $target {
                &mut self.0
            }
        }
    };
}
pub(in crate::sync) use guard_traits;
