// Stands in for dockerode's session.js and buildkit.js (gRPC and protobuf): for building images only.
// CommonJS, because dockerode calls what `require` returns.

function absent() {
  throw new Error('BuildKit is not in this binary: docker tidy never builds an image');
}

module.exports = Object.assign(absent, { followProgress: absent });
