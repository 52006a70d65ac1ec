// Stands in for dockerode/lib/session.js: BuildKit's build session over gRPC, for image builds only.
// CommonJS, because dockerode calls what `require` returns.

module.exports = function withSession() {
  throw new Error('BuildKit sessions are not in this binary: docker tidy never builds an image');
};
