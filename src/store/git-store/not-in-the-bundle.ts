/**
 * Stands in the bundled command for what isomorphic-git hashes, deflates and sums up with: pako, sha.js, crc-32. Objects
 * reach it hashed and deflated (`writeLooseObject`), so none of them is called; loading them, with the tables that they make, takes
 * each run over 2 ms.
 */
export default class NotInTheBundle {
  constructor() {
    throw new Error('isomorphic-git hashes or deflates by itself: give it objects that are hashed and deflated.');
  }
}
