//! tfplugin-sdk
