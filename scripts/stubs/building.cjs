// Stands in for what dockerode builds images with: session.js and buildkit.js (gRPC and protobuf), tar-fs, node:zlib and
// dockerignore. CommonJS, because dockerode calls what `require` returns.

function absent() {
  throw new Error('nothing that builds is in this binary: docker tidy never builds an image');
}

module.exports = Object.assign(absent, { followProgress: absent, pack: absent, createGzip: absent });
