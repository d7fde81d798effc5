/* @ts-self-types="./authframe_example_widget.d.ts" */

import * as import2 from "./snippets/authframe-593caf225b0180f2/src/browser/dom.js";
import * as import3 from "./snippets/authframe-593caf225b0180f2/src/browser/dom.js";
import * as import4 from "./snippets/authframe-593caf225b0180f2/src/browser/dom.js";
import * as import5 from "./snippets/authframe-593caf225b0180f2/src/browser/dom.js";
import * as import6 from "./snippets/authframe-593caf225b0180f2/src/browser/dom.js";
import * as import7 from "./snippets/authframe-593caf225b0180f2/src/browser/dom.js";
import * as import8 from "./snippets/authframe-593caf225b0180f2/src/browser/dom.js";
import * as import9 from "./snippets/authframe-593caf225b0180f2/src/browser/dom.js";
import * as import10 from "./snippets/authframe-593caf225b0180f2/src/browser/dom.js";
import * as import11 from "./snippets/authframe-593caf225b0180f2/src/browser/dom.js";
import * as import12 from "./snippets/authframe-593caf225b0180f2/src/browser/dom.js";
import * as import13 from "./snippets/authframe-593caf225b0180f2/src/browser/dom.js";
import * as import14 from "./snippets/authframe-593caf225b0180f2/src/browser/dom.js";
import * as import15 from "./snippets/authframe-593caf225b0180f2/src/browser/dom.js";
import * as import16 from "./snippets/authframe-593caf225b0180f2/src/browser/dom.js";
import * as import17 from "./snippets/authframe-593caf225b0180f2/src/browser/dom.js";
import * as import18 from "./snippets/authframe-593caf225b0180f2/src/browser/dom.js";
import * as import19 from "./snippets/authframe-593caf225b0180f2/src/browser/dom.js";
import {
  areTexts,
  ask,
  field,
  fill,
  handOver,
  isReachable,
  number,
  openChannel,
  originOf,
  postToParent,
  put,
  putWords,
  read,
  remove,
  speaksOf,
  write,
} from "./snippets/authframe-593caf225b0180f2/src/browser/dom.js";
import * as import1 from "./snippets/authframe-593caf225b0180f2/src/widget/authframe.js";

/**
 * One bridge.
 */
export class AuthframeCore {
  static __wrap(ptr) {
    const obj = Object.create(AuthframeCore.prototype);
    obj.__wbg_ptr = ptr;
    AuthframeCoreFinalization.register(obj, obj.__wbg_ptr, obj);
    return obj;
  }
  __destroy_into_raw() {
    const ptr = this.__wbg_ptr;
    this.__wbg_ptr = 0;
    AuthframeCoreFinalization.unregister(this);
    return ptr;
  }
  free() {
    const ptr = this.__destroy_into_raw();
    wasm.__wbg_authframecore_free(ptr, 0);
  }
  /**
   * An access token that is good for so many milliseconds more; `undefined`: wait for `Sink.token`.
   * @param {number} validity
   * @returns {string | undefined}
   */
  accessToken(validity) {
    const ret = wasm.authframecore_accessToken(this.__wbg_ptr, validity);
    if (ret[3]) {
      throw takeFromExternrefTable0(ret[2]);
    }
    let v1;
    if (ret[0] !== 0) {
      v1 = getStringFromWasm0(ret[0], ret[1]);
      wasm.__wbindgen_free(ret[0], ret[1] * 1, 1);
    }
    return v1;
  }
  /**
   * Why `acquire` gave nothing. `pause`: for how many milliseconds a server has said not to ask again.
   * @param {number} id
   * @param {string} failure
   * @param {number} pause
   */
  acquireFailed(id, failure, pause) {
    wasm.authframecore_acquireFailed(this.__wbg_ptr, id, failure, pause);
  }
  /**
   * What `acquire` gave.
   * @param {number} id
   * @param {any} grant
   */
  acquired(id, grant) {
    wasm.authframecore_acquired(this.__wbg_ptr, id, grant);
  }
  /**
   * Lets the app of this dialect show the widget in its own web view.
   * @param {string} dialect
   */
  allowWebview(dialect) {
    const ret = wasm.authframecore_allowWebview(this.__wbg_ptr, dialect);
    if (ret[1]) {
      throw takeFromExternrefTable0(ret[0]);
    }
  }
  /**
   * Lets a page of this origin embed the widget, and says what it speaks.
   * @param {string} origin
   * @param {string} dialect
   */
  allow(origin, dialect) {
    const ret = wasm.authframecore_allow(this.__wbg_ptr, origin, dialect);
    if (ret[1]) {
      throw takeFromExternrefTable0(ret[0]);
    }
  }
  /**
   * Signs an account in. `Sink.settled` says when it holds, by the number of the call.
   * @param {number} call
   * @param {any} grant
   */
  authorize(call, grant) {
    const ret = wasm.authframecore_authorize(this.__wbg_ptr, call, grant);
    if (ret[1]) {
      throw takeFromExternrefTable0(ret[0]);
    }
  }
  /**
   * The application's own sign-in has begun.
   */
  beginSignIn() {
    const ret = wasm.authframecore_beginSignIn(this.__wbg_ptr);
    if (ret[1]) {
      throw takeFromExternrefTable0(ret[0]);
    }
  }
  /**
   * Ends the bridge.
   */
  close() {
    const ret = wasm.authframecore_close(this.__wbg_ptr);
    if (ret[1]) {
      throw takeFromExternrefTable0(ret[0]);
    }
  }
  /**
   * What the host speaks.
   * @returns {string}
   */
  dialect() {
    let deferred2_0;
    let deferred2_1;
    try {
      const ret = wasm.authframecore_dialect(this.__wbg_ptr);
      var ptr1 = ret[0];
      var len1 = ret[1];
      if (ret[3]) {
        ptr1 = 0;
        len1 = 0;
        throw takeFromExternrefTable0(ret[2]);
      }
      deferred2_0 = ptr1;
      deferred2_1 = len1;
      return getStringFromWasm0(ptr1, len1);
    } finally {
      wasm.__wbindgen_free(deferred2_0, deferred2_1, 1);
    }
  }
  /**
   * What can be asked for at any time.
   * @returns {Facts}
   */
  facts() {
    const ret = wasm.authframecore_facts(this.__wbg_ptr);
    if (ret[2]) {
      throw takeFromExternrefTable0(ret[1]);
    }
    return takeFromExternrefTable0(ret[0]);
  }
  /**
   * Says something to the core's half of the dialect.
   * @param {any} message
   */
  notifyDialect(message) {
    const ret = wasm.authframecore_notifyDialect(this.__wbg_ptr, message);
    if (ret[1]) {
      throw takeFromExternrefTable0(ret[0]);
    }
  }
  /**
   * Posts a message to the host with a port of its own; gives the near end of it, or what the browser throws.
   * @param {any} message
   * @returns {any}
   */
  postWithPort(message) {
    const ret = wasm.authframecore_postWithPort(this.__wbg_ptr, message);
    if (ret[2]) {
      throw takeFromExternrefTable0(ret[1]);
    }
    return takeFromExternrefTable0(ret[0]);
  }
  /**
   * Posts a message of the application on the port.
   * @param {any} message
   */
  post(message) {
    const ret = wasm.authframecore_post(this.__wbg_ptr, message);
    if (ret[1]) {
      throw takeFromExternrefTable0(ret[0]);
    }
  }
  /**
   * Takes a message of the window that came before the start.
   * @param {Event} event
   */
  receive(event) {
    wasm.authframecore_receive(this.__wbg_ptr, event);
  }
  /**
   * Signs the account out and writes over what stands in the shared record and in the credential store; `Sink.settled` says when that holds.
   * @param {number} call
   */
  reset(call) {
    const ret = wasm.authframecore_reset(this.__wbg_ptr, call);
    if (ret[1]) {
      throw takeFromExternrefTable0(ret[0]);
    }
  }
  /**
   * Signs the account out; `Sink.settled` says when that holds.
   * @param {number} call
   * @param {string} reason
   */
  signOut(call, reason) {
    const ret = wasm.authframecore_signOut(this.__wbg_ptr, call, reason);
    if (ret[1]) {
      throw takeFromExternrefTable0(ret[0]);
    }
  }
  /**
   * Begins.
   */
  start() {
    const ret = wasm.authframecore_start(this.__wbg_ptr);
    if (ret[1]) {
      throw takeFromExternrefTable0(ret[0]);
    }
  }
  /**
   * The task is done: `credential` stands in the store now, if any.
   * @param {number} id
   * @param {any} credential
   */
  storeDone(id, credential) {
    wasm.authframecore_storeDone(this.__wbg_ptr, id, credential);
  }
  /**
   * The task was not done.
   * @param {number} id
   * @param {string} failure
   */
  storeFailed(id, failure) {
    wasm.authframecore_storeFailed(this.__wbg_ptr, id, failure);
  }
  /**
   * What is to be written to the credential store, from within the transaction that has read `record`; `undefined`: nothing. `null` is no store at all.
   * @param {number} id
   * @param {string} lock
   * @param {any} record
   * @returns {Decision | undefined}
   */
  storeFound(id, lock, record) {
    const ret = wasm.authframecore_storeFound(this.__wbg_ptr, id, lock, record);
    return ret;
  }
}
if (Symbol.dispose) AuthframeCore.prototype[Symbol.dispose] = AuthframeCore.prototype.free;

/**
 * Runs when the wasm is loaded.
 * @returns {Promise<void>}
 */
export function start() {
  wasm.start();
}
function __wbg_get_imports() {
  const import0 = {
    __proto__: null,
    __wbg_Error_208446807d0d1e30: function (arg0, arg1) {
      const ret = Error(getStringFromWasm0(arg0, arg1));
      return ret;
    },
    __wbg_Number_ff192a72a0dcdf6d: function (arg0) {
      const ret = Number(arg0);
      return ret;
    },
    __wbg___wbindgen_boolean_get_4f1baf9a00be3c74: function (arg0) {
      const v = arg0;
      const ret = typeof v === "boolean" ? v : undefined;
      return isLikeNone(ret) ? 0xffffff : ret ? 1 : 0;
    },
    __wbg___wbindgen_debug_string_f249a2a76caa9a55: function (arg0, arg1) {
      const ret = debugString(arg1);
      const ptr1 = passStringToWasm0(ret, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
      const len1 = WASM_VECTOR_LEN;
      getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 1, len1, true);
      getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 0, ptr1, true);
    },
    __wbg___wbindgen_is_falsy_d864b623500ae65d: function (arg0) {
      const ret = !arg0;
      return ret;
    },
    __wbg___wbindgen_is_function_741ff2bb612836f5: function (arg0) {
      const ret = typeof arg0 === "function";
      return ret;
    },
    __wbg___wbindgen_is_null_c22311b1cc228e3a: function (arg0) {
      const ret = arg0 === null;
      return ret;
    },
    __wbg___wbindgen_is_object_8b968c3ab8e96595: function (arg0) {
      const val = arg0;
      const ret = typeof val === "object" && val !== null;
      return ret;
    },
    __wbg___wbindgen_is_undefined_be5b34249ff1fc15: function (arg0) {
      const ret = arg0 === undefined;
      return ret;
    },
    __wbg___wbindgen_jsval_loose_eq_b2f214e2e4b30e36: function (arg0, arg1) {
      const ret = arg0 == arg1;
      return ret;
    },
    __wbg___wbindgen_number_get_934b640d0889af78: function (arg0, arg1) {
      const obj = arg1;
      const ret = typeof obj === "number" ? obj : undefined;
      getDataViewMemory0().setFloat64((arg0 >>> 0) + 8 * 1, isLikeNone(ret) ? 0 : ret, true);
      getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 0, !isLikeNone(ret), true);
    },
    __wbg___wbindgen_rethrow_d953c34c2e20677f: function (arg0) {
      throw arg0;
    },
    __wbg___wbindgen_string_get_7ce8eee7fd327545: function (arg0, arg1) {
      const obj = arg1;
      const ret = typeof obj === "string" ? obj : undefined;
      var ptr1 = isLikeNone(ret) ? 0 : passStringToWasm0(ret, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
      var len1 = WASM_VECTOR_LEN;
      getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 1, len1, true);
      getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 0, ptr1, true);
    },
    __wbg___wbindgen_throw_4c88d8bf264fd984: function (arg0, arg1) {
      throw new Error(getStringFromWasm0(arg0, arg1));
    },
    __wbg__wbg_cb_unref_09736879a3f67559: function (arg0) {
      arg0._wbg_cb_unref();
    },
    __wbg_abort_2a05c43d67d3f6ff: function (arg0) {
      arg0.abort();
    },
    __wbg_acquireCancelled_8049c0d10088fa12: function () {
      return handleError(function (arg0) {
        arg0.acquireCancelled();
      }, arguments);
    },
    __wbg_acquire_8e17725fa03434e9: function (arg0) {
      const ret = arg0.acquire;
      return ret;
    },
    __wbg_acquire_ff5a243386705d6c: function () {
      return handleError(function (arg0, arg1, arg2, arg3, arg4) {
        arg0.acquire(arg1 >>> 0, getStringFromWasm0(arg2, arg3), arg4);
      }, arguments);
    },
    __wbg_addEventListener_f2d27251d333a631: function () {
      return handleError(function (arg0, arg1, arg2, arg3, arg4) {
        arg0.addEventListener(getStringFromWasm0(arg1, arg2), arg3, arg4);
      }, arguments);
    },
    __wbg_allowOpaqueOrigin_ffd6a6c39ff29ee3: function (arg0) {
      const ret = arg0.allowOpaqueOrigin;
      return ret;
    },
    __wbg_areTexts_c8e8a4336055089a: function (arg0, arg1, arg2, arg3, arg4) {
      const ret = areTexts(arg0, getStringFromWasm0(arg1, arg2), arg3 >>> 0, arg4 >>> 0);
      return ret;
    },
    __wbg_area_bc0249ad4ca3121a: function (arg0) {
      const ret = arg0.area;
      return isLikeNone(ret) ? 0 : addToExternrefTable0(ret);
    },
    __wbg_ask_2bd65c4967774e7c: function (arg0, arg1, arg2) {
      const ret = ask(arg0, getStringFromWasm0(arg1, arg2));
      return ret;
    },
    __wbg_authorize_88720eec61a832cd: function (arg0, arg1) {
      const ret = arg0.authorize(arg1);
      return ret;
    },
    __wbg_call_a410eb4b59ed5965: function () {
      return handleError(function (arg0, arg1, arg2) {
        const ret = arg0.call(arg1, arg2);
        return ret;
      }, arguments);
    },
    __wbg_call_fc92fee6137d452d: function () {
      return handleError(function (arg0, arg1, arg2, arg3) {
        const ret = arg0.call(arg1, arg2, arg3);
        return ret;
      }, arguments);
    },
    __wbg_channel_5e2e22533ee10912: function (arg0, arg1) {
      const ret = arg1.channel;
      const ptr1 = passStringToWasm0(ret, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
      const len1 = WASM_VECTOR_LEN;
      getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 1, len1, true);
      getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 0, ptr1, true);
    },
    __wbg_close_030985cf1d39d3ed: function () {
      return handleError(function (arg0) {
        arg0.close();
      }, arguments);
    },
    __wbg_connection_edfbaceec13e48cb: function () {
      return handleError(function (arg0, arg1, arg2, arg3) {
        arg0.connection(getStringFromWasm0(arg1, arg2), arg3);
      }, arguments);
    },
    __wbg_credentialStore_7028b2f7abd5f3c5: function () {
      return handleError(function (arg0, arg1, arg2, arg3, arg4) {
        arg0.credentialStore(arg1 >>> 0, getStringFromWasm0(arg2, arg3), arg4);
      }, arguments);
    },
    __wbg_credentials_5ee109ef79f19400: function (arg0, arg1) {
      const ret = arg1.credentials;
      const ptr1 = passStringToWasm0(ret, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
      const len1 = WASM_VECTOR_LEN;
      getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 1, len1, true);
      getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 0, ptr1, true);
    },
    __wbg_dialect_e1d20bd9f171c991: function () {
      return handleError(function (arg0, arg1) {
        arg0.dialect(arg1);
      }, arguments);
    },
    __wbg_document_3b5c3071b43e97ee: function (arg0) {
      const ret = arg0.document;
      return isLikeNone(ret) ? 0 : addToExternrefTable0(ret);
    },
    __wbg_failed_d4b82e653b2a450d: function () {
      return handleError(function (arg0, arg1, arg2) {
        arg0.failed(getStringFromWasm0(arg1, arg2));
      }, arguments);
    },
    __wbg_field_7d6e1729203a31ca: function (arg0, arg1, arg2, arg3) {
      const ret = field(arg0, getStringFromWasm0(arg1, arg2), arg3 >>> 0);
      return ret;
    },
    __wbg_fill_c021a1ae21351064: function (arg0, arg1, arg2) {
      const ret = fill(getArrayU8FromWasm0(arg0, arg1), arg2 !== 0);
      return ret;
    },
    __wbg_getElementById_7ee213db584f37b0: function (arg0, arg1, arg2) {
      const ret = arg0.getElementById(getStringFromWasm0(arg1, arg2));
      return isLikeNone(ret) ? 0 : addToExternrefTable0(ret);
    },
    __wbg_get_2080c49015e35254: function () {
      return handleError(function (arg0, arg1) {
        const ret = Reflect.get(arg0, arg1);
        return ret;
      }, arguments);
    },
    __wbg_handOver_315ac2f867697a68: function (arg0, arg1, arg2, arg3) {
      handOver(arg0, arg1, getStringFromWasm0(arg2, arg3));
    },
    __wbg_handle_b1881787d69f9415: function () {
      return handleError(function (arg0, arg1, arg2, arg3) {
        const ret = arg0.handle(getStringFromWasm0(arg1, arg2), arg3);
        return ret;
      }, arguments);
    },
    __wbg_instanceof_ArrayBuffer_12cdaa4161423e6b: function (arg0) {
      let result;
      try {
        result = arg0 instanceof ArrayBuffer;
      } catch (_) {
        result = false;
      }
      const ret = result;
      return ret;
    },
    __wbg_instanceof_Uint8Array_d7aeb0dcb3108fea: function (arg0) {
      let result;
      try {
        result = arg0 instanceof Uint8Array;
      } catch (_) {
        result = false;
      }
      const ret = result;
      return ret;
    },
    __wbg_instanceof_Window_5cf453f5639aa1a2: function (arg0) {
      let result;
      try {
        result = arg0 instanceof Window;
      } catch (_) {
        result = false;
      }
      const ret = result;
      return ret;
    },
    __wbg_isReachable_fb7e67aa17a349ae: function (arg0, arg1) {
      const ret = isReachable(getStringFromWasm0(arg0, arg1));
      return ret;
    },
    __wbg_isSafeInteger_1a35ba4d31e71d38: function (arg0) {
      const ret = Number.isSafeInteger(arg0);
      return ret;
    },
    __wbg_length_186163212ffe79c3: function (arg0) {
      const ret = arg0.length;
      return ret;
    },
    __wbg_localStorage_6827cfe6db14a9f6: function () {
      return handleError(function (arg0) {
        const ret = arg0.localStorage;
        return isLikeNone(ret) ? 0 : addToExternrefTable0(ret);
      }, arguments);
    },
    __wbg_message_7f53f33b0ff0b1f9: function () {
      return handleError(function (arg0, arg1) {
        arg0.message(arg1);
      }, arguments);
    },
    __wbg_namespace_37288a462e617845: function (arg0, arg1) {
      const ret = arg1.namespace;
      const ptr1 = passStringToWasm0(ret, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
      const len1 = WASM_VECTOR_LEN;
      getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 1, len1, true);
      getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 0, ptr1, true);
    },
    __wbg_new_115950bc9348f85a: function () {
      const ret = new AbortController();
      return ret;
    },
    __wbg_new_13de428334042d26: function (arg0) {
      const ret = new Uint8Array(arg0);
      return ret;
    },
    __wbg_new_37eb45aaf5eeb820: function () {
      const ret = [];
      return ret;
    },
    __wbg_new_cd4348290afae586: function () {
      const ret = new Object();
      return ret;
    },
    __wbg_new_typed_e09da9dae6ee5935: function (arg0, arg1) {
      try {
        var state0 = { a: arg0, b: arg1 };
        var cb0 = (arg0, arg1) => {
          const a = state0.a;
          state0.a = 0;
          try {
            return wasm_bindgen__convert__closures_____invoke__hb7bae8d1ceda1975(a, state0.b, arg0, arg1);
          } finally {
            state0.a = a;
          }
        };
        const ret = new Promise(cb0);
        return ret;
      } finally {
        state0.a = 0;
      }
    },
    __wbg_number_078e380155703b8d: function (arg0, arg1, arg2) {
      const ret = number(arg0, getStringFromWasm0(arg1, arg2));
      return ret;
    },
    __wbg_openChannel_b2609563063a25ad: function (arg0, arg1, arg2) {
      const ret = openChannel(arg0, arg1, arg2);
      return isLikeNone(ret) ? 0 : addToExternrefTable0(ret);
    },
    __wbg_originOf_02391bf0be769bd1: function (arg0, arg1) {
      const ret = originOf(arg1);
      const ptr1 = passStringToWasm0(ret, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
      const len1 = WASM_VECTOR_LEN;
      getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 1, len1, true);
      getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 0, ptr1, true);
    },
    __wbg_postToParent_53978acaa6ad96b3: function (arg0, arg1, arg2) {
      postToParent(arg0, getStringFromWasm0(arg1, arg2));
    },
    __wbg_prototypesetcall_13162965d1fe7aa3: function (arg0, arg1, arg2) {
      Uint8Array.prototype.set.call(getArrayU8FromWasm0(arg0, arg1), arg2);
    },
    __wbg_push_c9f4893fc209f768: function (arg0, arg1) {
      const ret = arg0.push(arg1);
      return ret;
    },
    __wbg_putWords_44218aae04d1f3df: function (arg0, arg1, arg2, arg3, arg4) {
      putWords(arg0, getStringFromWasm0(arg1, arg2), getStringFromWasm0(arg3, arg4));
    },
    __wbg_put_34a15a8134bac578: function (arg0, arg1, arg2, arg3) {
      put(arg0, getStringFromWasm0(arg1, arg2), arg3);
    },
    __wbg_put_4f81cc4f31651d94: function (arg0, arg1, arg2, arg3, arg4) {
      put(arg0, getStringFromWasm0(arg1, arg2), getStringFromWasm0(arg3, arg4));
    },
    __wbg_put_6ae4199339cfed86: function (arg0, arg1, arg2, arg3) {
      put(arg0, getStringFromWasm0(arg1, arg2), arg3);
    },
    __wbg_queueMicrotask_1e8503a8a690f0a3: function (arg0) {
      const ret = arg0.queueMicrotask;
      return ret;
    },
    __wbg_queueMicrotask_4a1a4d8dd332373b: function (arg0) {
      queueMicrotask(arg0);
    },
    __wbg_read_c6a5c91441ac3b4a: function (arg0, arg1, arg2) {
      const ret = read(arg0, getStringFromWasm0(arg1, arg2));
      return ret;
    },
    __wbg_removeEventListener_cc543e35b1012a27: function () {
      return handleError(function (arg0, arg1, arg2, arg3, arg4) {
        arg0.removeEventListener(getStringFromWasm0(arg1, arg2), arg3, arg4 !== 0);
      }, arguments);
    },
    __wbg_remove_198726329e02a098: function (arg0, arg1, arg2) {
      remove(arg0, getStringFromWasm0(arg1, arg2));
    },
    __wbg_resolve_dbf78ab4942478b0: function (arg0) {
      const ret = Promise.resolve(arg0);
      return ret;
    },
    __wbg_sessionStorage_7bc148f64fb0d0b9: function () {
      return handleError(function (arg0) {
        const ret = arg0.sessionStorage;
        return isLikeNone(ret) ? 0 : addToExternrefTable0(ret);
      }, arguments);
    },
    __wbg_session_1521a13a3ebf2d4c: function () {
      return handleError(function (arg0, arg1) {
        arg0.session(arg1);
      }, arguments);
    },
    __wbg_set_capture_7526a72933d6e405: function (arg0, arg1) {
      arg0.capture = arg1 !== 0;
    },
    __wbg_set_once_ee3e8ed5823add1f: function (arg0, arg1) {
      arg0.once = arg1 !== 0;
    },
    __wbg_set_passive_ac655beafedbb0a5: function (arg0, arg1) {
      arg0.passive = arg1 !== 0;
    },
    __wbg_set_textContent_0177b2a6d9293c2c: function (arg0, arg1, arg2) {
      arg0.textContent = arg1 === 0 ? undefined : getStringFromWasm0(arg1, arg2);
    },
    __wbg_settled_6c8f1eb1612231ac: function () {
      return handleError(function (arg0, arg1) {
        arg0.settled(arg1 >>> 0);
      }, arguments);
    },
    __wbg_signOut_09a393721be04d94: function (arg0, arg1) {
      const ret = arg0.signOut(arg1);
      return ret;
    },
    __wbg_signal_ffd1922c99ee1cf8: function (arg0) {
      const ret = arg0.signal;
      return ret;
    },
    __wbg_speaksOf_78a3ef47d4dfa21d: function (arg0, arg1, arg2, arg3, arg4, arg5) {
      const ret = speaksOf(arg0, arg1, getStringFromWasm0(arg2, arg3), getStringFromWasm0(arg4, arg5));
      return ret;
    },
    __wbg_static_accessor_GLOBAL_THIS_003ee833af9699fc: function () {
      const ret = typeof globalThis === "undefined" ? undefined : globalThis;
      return isLikeNone(ret) ? 0 : addToExternrefTable0(ret);
    },
    __wbg_static_accessor_GLOBAL_e4293fb22cbe77da: function () {
      const ret = typeof global === "undefined" ? undefined : global;
      return isLikeNone(ret) ? 0 : addToExternrefTable0(ret);
    },
    __wbg_static_accessor_SELF_53bb20457401453d: function () {
      const ret = typeof self === "undefined" ? undefined : self;
      return isLikeNone(ret) ? 0 : addToExternrefTable0(ret);
    },
    __wbg_static_accessor_WINDOW_b5e0810bfecb7feb: function () {
      const ret = typeof window === "undefined" ? undefined : window;
      return isLikeNone(ret) ? 0 : addToExternrefTable0(ret);
    },
    __wbg_subscribe_f65b1ee3f3819da4: function (arg0, arg1) {
      const ret = arg0.subscribe(arg1);
      return ret;
    },
    __wbg_then_656f253a5dd7d8ea: function (arg0, arg1, arg2) {
      const ret = arg0.then(arg1, arg2);
      return ret;
    },
    __wbg_then_e3f7f2d365708be8: function (arg0, arg1) {
      const ret = arg0.then(arg1);
      return ret;
    },
    __wbg_token_2a0b380504b4315f: function () {
      return handleError(function (arg0, arg1, arg2) {
        arg0.token(arg1 === 0 ? undefined : getStringFromWasm0(arg1, arg2));
      }, arguments);
    },
    __wbg_write_6bf10c4f56194f21: function (arg0, arg1, arg2, arg3) {
      const ret = write(arg0, getStringFromWasm0(arg1, arg2), arg3);
      return ret;
    },
    __wbindgen_generic_0000000000000001: function (arg0, arg1) {
      // Cast intrinsic for `Closure(Closure { owned: true, function: Function { arguments: [Externref], shim_idx: 1, ret: Unit, inner_ret: Some(Unit) }, mutable: false }) -> Externref`.
      const ret = makeClosure(arg0, arg1, wasm_bindgen__convert__closures_____invoke__h73b79afc1cad5e6c);
      return ret;
    },
    __wbindgen_generic_0000000000000002: function (arg0, arg1) {
      // Cast intrinsic for `Closure(Closure { owned: true, function: Function { arguments: [Externref], shim_idx: 37, ret: Unit, inner_ret: Some(Unit) }, mutable: true }) -> Externref`.
      const ret = makeMutClosure(arg0, arg1, wasm_bindgen__convert__closures_____invoke__hf14352db37c8af58);
      return ret;
    },
    __wbindgen_generic_0000000000000003: function (arg0, arg1) {
      // Cast intrinsic for `Closure(Closure { owned: true, function: Function { arguments: [Externref], shim_idx: 47, ret: Result(Unit), inner_ret: Some(Result(Unit)) }, mutable: true }) -> Externref`.
      const ret = makeMutClosure(arg0, arg1, wasm_bindgen__convert__closures_____invoke__h5e84aab8614c9381);
      return ret;
    },
    __wbindgen_generic_0000000000000004: function (arg0, arg1) {
      // Cast intrinsic for `Closure(Closure { owned: true, function: Function { arguments: [Externref], shim_idx: 5, ret: Externref, inner_ret: Some(Externref) }, mutable: false }) -> Externref`.
      const ret = makeClosure(arg0, arg1, wasm_bindgen__convert__closures_____invoke__hee6d386b1f8420ac);
      return ret;
    },
    __wbindgen_generic_0000000000000005: function (arg0, arg1) {
      // Cast intrinsic for `Closure(Closure { owned: true, function: Function { arguments: [NamedExternref("CoreOptions"), NamedExternref("Sink")], shim_idx: 7, ret: Result(RustStruct { name: "AuthframeCore", unique_crate_identifier: "authframe-593caf225b0180f2" }), inner_ret: Some(Result(RustStruct { name: "AuthframeCore", unique_crate_identifier: "authframe-593caf225b0180f2" })) }, mutable: false }) -> Externref`.
      const ret = makeClosure(arg0, arg1, wasm_bindgen__convert__closures_____invoke__h5c851832b3e511c0);
      return ret;
    },
    __wbindgen_generic_0000000000000006: function (arg0, arg1) {
      // Cast intrinsic for `Closure(Closure { owned: true, function: Function { arguments: [Ref(NamedExternref("Event"))], shim_idx: 14, ret: Unit, inner_ret: Some(Unit) }, mutable: true }) -> Externref`.
      const ret = makeMutClosure(arg0, arg1, wasm_bindgen__convert__closures________invoke__h54546a4fd56e926f);
      return ret;
    },
    __wbindgen_generic_0000000000000007: function (arg0, arg1) {
      // Cast intrinsic for `Closure(Closure { owned: true, function: Function { arguments: [], shim_idx: 3, ret: Unit, inner_ret: Some(Unit) }, mutable: true }) -> Externref`.
      const ret = makeMutClosure(arg0, arg1, wasm_bindgen__convert__closures_____invoke__hd4a573a90ec38b7e);
      return ret;
    },
    __wbindgen_generic_0000000000000008: function (arg0) {
      // Cast intrinsic for `F64 -> Externref`.
      const ret = arg0;
      return ret;
    },
    __wbindgen_generic_0000000000000009: function (arg0, arg1) {
      // Cast intrinsic for `Ref(String) -> Externref`.
      const ret = getStringFromWasm0(arg0, arg1);
      return ret;
    },
    __wbindgen_init_externref_table: function () {
      const table = wasm.__wbindgen_externrefs;
      table.set(0, undefined);
      table.set(1024, undefined);
      table.set(1025, null);
      table.set(1026, true);
      table.set(1027, false);
    },
  };
  return {
    __proto__: null,
    "./authframe_example_widget_bg.js": import0,
    "./snippets/authframe-593caf225b0180f2/src/widget/authframe.js": import1,
    "./snippets/authframe-593caf225b0180f2/src/browser/dom.js": import2,
    "./snippets/authframe-593caf225b0180f2/src/browser/dom.js": import3,
    "./snippets/authframe-593caf225b0180f2/src/browser/dom.js": import4,
    "./snippets/authframe-593caf225b0180f2/src/browser/dom.js": import5,
    "./snippets/authframe-593caf225b0180f2/src/browser/dom.js": import6,
    "./snippets/authframe-593caf225b0180f2/src/browser/dom.js": import7,
    "./snippets/authframe-593caf225b0180f2/src/browser/dom.js": import8,
    "./snippets/authframe-593caf225b0180f2/src/browser/dom.js": import9,
    "./snippets/authframe-593caf225b0180f2/src/browser/dom.js": import10,
    "./snippets/authframe-593caf225b0180f2/src/browser/dom.js": import11,
    "./snippets/authframe-593caf225b0180f2/src/browser/dom.js": import12,
    "./snippets/authframe-593caf225b0180f2/src/browser/dom.js": import13,
    "./snippets/authframe-593caf225b0180f2/src/browser/dom.js": import14,
    "./snippets/authframe-593caf225b0180f2/src/browser/dom.js": import15,
    "./snippets/authframe-593caf225b0180f2/src/browser/dom.js": import16,
    "./snippets/authframe-593caf225b0180f2/src/browser/dom.js": import17,
    "./snippets/authframe-593caf225b0180f2/src/browser/dom.js": import18,
    "./snippets/authframe-593caf225b0180f2/src/browser/dom.js": import19,
  };
}

function wasm_bindgen__convert__closures_____invoke__hd4a573a90ec38b7e(arg0, arg1) {
  wasm.wasm_bindgen__convert__closures_____invoke__hd4a573a90ec38b7e(arg0, arg1);
}

function wasm_bindgen__convert__closures_____invoke__h73b79afc1cad5e6c(arg0, arg1, arg2) {
  wasm.wasm_bindgen__convert__closures_____invoke__h73b79afc1cad5e6c(arg0, arg1, arg2);
}

function wasm_bindgen__convert__closures_____invoke__hf14352db37c8af58(arg0, arg1, arg2) {
  wasm.wasm_bindgen__convert__closures_____invoke__hf14352db37c8af58(arg0, arg1, arg2);
}

function wasm_bindgen__convert__closures________invoke__h54546a4fd56e926f(arg0, arg1, arg2) {
  wasm.wasm_bindgen__convert__closures________invoke__h54546a4fd56e926f(arg0, arg1, arg2);
}

function wasm_bindgen__convert__closures_____invoke__hee6d386b1f8420ac(arg0, arg1, arg2) {
  const ret = wasm.wasm_bindgen__convert__closures_____invoke__hee6d386b1f8420ac(arg0, arg1, arg2);
  return ret;
}

function wasm_bindgen__convert__closures_____invoke__h5e84aab8614c9381(arg0, arg1, arg2) {
  const ret = wasm.wasm_bindgen__convert__closures_____invoke__h5e84aab8614c9381(arg0, arg1, arg2);
  if (ret[1]) {
    throw takeFromExternrefTable0(ret[0]);
  }
}

function wasm_bindgen__convert__closures_____invoke__hb7bae8d1ceda1975(arg0, arg1, arg2, arg3) {
  wasm.wasm_bindgen__convert__closures_____invoke__hb7bae8d1ceda1975(arg0, arg1, arg2, arg3);
}

function wasm_bindgen__convert__closures_____invoke__h5c851832b3e511c0(arg0, arg1, arg2, arg3) {
  const ret = wasm.wasm_bindgen__convert__closures_____invoke__h5c851832b3e511c0(arg0, arg1, arg2, arg3);
  if (ret[2]) {
    throw takeFromExternrefTable0(ret[1]);
  }
  return AuthframeCore.__wrap(ret[0]);
}

const AuthframeCoreFinalization =
  typeof FinalizationRegistry === "undefined"
    ? { register: () => {}, unregister: () => {} }
    : new FinalizationRegistry((ptr) => wasm.__wbg_authframecore_free(ptr, 1));

function addToExternrefTable0(obj) {
  const idx = wasm.__externref_table_alloc();
  wasm.__wbindgen_externrefs.set(idx, obj);
  return idx;
}

const CLOSURE_DTORS =
  typeof FinalizationRegistry === "undefined"
    ? { register: () => {}, unregister: () => {} }
    : new FinalizationRegistry((state) => wasm.__wbindgen_destroy_closure(state.a, state.b));

function debugString(val) {
  switch (typeof val) {
    // primitive types
    case "number":
    case "boolean":
    case "undefined":
      return `${val}`;
    case "string":
      return JSON.stringify(val);
    case "bigint":
      return `${val}n`;
    case "symbol":
      return val.description !== undefined ? `Symbol(${val.description})` : "Symbol";
    case "function":
      return typeof val.name === "string" && val.name !== "" ? `Function(${val.name})` : "Function";
    case "object": {
      if (val === null) {
        return "null";
      }
      // objects
      if (Array.isArray(val)) {
        return "[" + Array.from(val, debugString).join(", ") + "]";
      }
      // errors
      if (val instanceof Error) {
        return `${val.name}: ${val.message}\n${val.stack}`;
      }

      const toStringOutput = toString.call(val);
      // Test for built-in
      const className = /\[object ([^\]]+)\]/.exec(toStringOutput)?.[1];

      // Failed to match the standard '[object ClassName]'
      if (className === undefined) {
        return toStringOutput;
      }
      if (className === "Object") {
        // we're a user defined class or Object
        // JSON.stringify avoids problems with cycles, and is generally much
        // easier than looping through ownProperties of `val`.
        try {
          return "Object(" + JSON.stringify(val) + ")";
        } catch (_) {
          return "Object";
        }
      }
      // TODO we could test for more things here, like `Set`s and `Map`s.
      return className;
    }
    // Per MDN: 'This list of values is exhaustive.'
    // https://developer.mozilla.org/en-US/docs/Web/JavaScript/Reference/Operators/typeof#description
  }
}

function getArrayU8FromWasm0(ptr, len) {
  ptr = ptr >>> 0;
  return getUint8ArrayMemory0().subarray(ptr / 1, ptr / 1 + len);
}

let cachedDataViewMemory0 = null;
function getDataViewMemory0() {
  if (
    cachedDataViewMemory0 === null ||
    cachedDataViewMemory0.buffer.detached === true ||
    (cachedDataViewMemory0.buffer.detached === undefined && cachedDataViewMemory0.buffer !== wasm.memory.buffer)
  ) {
    cachedDataViewMemory0 = new DataView(wasm.memory.buffer);
  }
  return cachedDataViewMemory0;
}

function getStringFromWasm0(ptr, len) {
  ptr = ptr >>> 0;
  return decodeText(getUint8ArrayMemory0().subarray(ptr, ptr + len));
}

let cachedUint8ArrayMemory0 = null;
function getUint8ArrayMemory0() {
  if (cachedUint8ArrayMemory0 === null || cachedUint8ArrayMemory0.byteLength === 0) {
    cachedUint8ArrayMemory0 = new Uint8Array(wasm.memory.buffer);
  }
  return cachedUint8ArrayMemory0;
}

function handleError(f, args) {
  try {
    return f.apply(this, args);
  } catch (e) {
    const idx = addToExternrefTable0(e);
    wasm.__wbindgen_exn_store(idx);
  }
}

function isLikeNone(x) {
  return x === undefined || x === null;
}

function makeClosure(arg0, arg1, f) {
  const state = { a: arg0, b: arg1, cnt: 1 };
  const real = (...args) => {
    // First up with a closure we increment the internal reference
    // count. This ensures that the Rust closure environment won't
    // be deallocated while we're invoking it.
    state.cnt++;
    try {
      return f(state.a, state.b, ...args);
    } finally {
      real._wbg_cb_unref();
    }
  };
  real._wbg_cb_unref = () => {
    if (--state.cnt === 0) {
      wasm.__wbindgen_destroy_closure(state.a, state.b);
      state.a = 0;
      CLOSURE_DTORS.unregister(state);
    }
  };
  CLOSURE_DTORS.register(real, state, state);
  return real;
}

function makeMutClosure(arg0, arg1, f) {
  const state = { a: arg0, b: arg1, cnt: 1 };
  const real = (...args) => {
    // First up with a closure we increment the internal reference
    // count. This ensures that the Rust closure environment won't
    // be deallocated while we're invoking it.
    state.cnt++;
    const a = state.a;
    state.a = 0;
    try {
      return f(a, state.b, ...args);
    } finally {
      state.a = a;
      real._wbg_cb_unref();
    }
  };
  real._wbg_cb_unref = () => {
    if (--state.cnt === 0) {
      wasm.__wbindgen_destroy_closure(state.a, state.b);
      state.a = 0;
      CLOSURE_DTORS.unregister(state);
    }
  };
  CLOSURE_DTORS.register(real, state, state);
  return real;
}

function passStringToWasm0(arg, malloc, realloc) {
  if (realloc === undefined) {
    const buf = cachedTextEncoder.encode(arg);
    const ptr = malloc(buf.length, 1) >>> 0;
    getUint8ArrayMemory0()
      .subarray(ptr, ptr + buf.length)
      .set(buf);
    WASM_VECTOR_LEN = buf.length;
    return ptr;
  }

  let len = arg.length;
  let ptr = malloc(len, 1) >>> 0;

  const mem = getUint8ArrayMemory0();

  let offset = 0;

  for (; offset < len; offset++) {
    const code = arg.charCodeAt(offset);
    if (code > 0x7f) break;
    mem[ptr + offset] = code;
  }
  if (offset !== len) {
    if (offset !== 0) {
      arg = arg.slice(offset);
    }
    ptr = realloc(ptr, len, (len = offset + arg.length * 3), 1) >>> 0;
    const view = getUint8ArrayMemory0().subarray(ptr + offset, ptr + len);
    const ret = cachedTextEncoder.encodeInto(arg, view);

    offset += ret.written;
    ptr = realloc(ptr, len, offset, 1) >>> 0;
  }

  WASM_VECTOR_LEN = offset;
  return ptr;
}

function takeFromExternrefTable0(idx) {
  const value = wasm.__wbindgen_externrefs.get(idx);
  wasm.__externref_table_dealloc(idx);
  return value;
}

let cachedTextDecoder = new TextDecoder("utf-8", { ignoreBOM: true });
cachedTextDecoder.decode();
const MAX_SAFARI_DECODE_BYTES = 2146435072;
let numBytesDecoded = 0;
function decodeText(bytes) {
  numBytesDecoded += bytes.length;
  if (numBytesDecoded >= MAX_SAFARI_DECODE_BYTES) {
    cachedTextDecoder = new TextDecoder("utf-8", { ignoreBOM: true });
    cachedTextDecoder.decode();
    numBytesDecoded = bytes.length;
  }
  return cachedTextDecoder.decode(bytes);
}

const cachedTextEncoder = new TextEncoder();

if (!("encodeInto" in cachedTextEncoder)) {
  cachedTextEncoder.encodeInto = function (arg, view) {
    const buf = cachedTextEncoder.encode(arg);
    view.set(buf);
    return {
      read: arg.length,
      written: buf.length,
    };
  };
}

let WASM_VECTOR_LEN = 0;

let wasmModule, wasmInstance, wasm;
function __wbg_finalize_init(instance, module) {
  wasmInstance = instance;
  wasm = instance.exports;
  wasmModule = module;
  cachedDataViewMemory0 = null;
  cachedUint8ArrayMemory0 = null;
  wasm.__wbindgen_start();
  return wasm;
}

async function __wbg_load(module, imports) {
  if (typeof Response === "function" && module instanceof Response) {
    if (!module.ok) {
      throw new Error(`failed to fetch Wasm: ${module.status} ${module.statusText} fetching '${module.url}'`);
    }

    if (typeof WebAssembly.instantiateStreaming === "function") {
      try {
        return await WebAssembly.instantiateStreaming(module, imports);
      } catch (e) {
        const validResponse = expectedResponseType(module.type);

        if (validResponse && module.headers.get("Content-Type") !== "application/wasm") {
          console.warn(
            "`WebAssembly.instantiateStreaming` failed because your server does not serve Wasm with `application/wasm` MIME type. Falling back to `WebAssembly.instantiate` which is slower. Original error:\n",
            e,
          );
        } else {
          throw e;
        }
      }
    }

    const bytes = await module.arrayBuffer();
    return await WebAssembly.instantiate(bytes, imports);
  } else {
    const instance = await WebAssembly.instantiate(module, imports);

    if (instance instanceof WebAssembly.Instance) {
      return { instance, module };
    } else {
      return instance;
    }
  }

  function expectedResponseType(type) {
    switch (type) {
      case "basic":
      case "cors":
      case "default":
        return true;
    }
    return false;
  }
}

function initSync(module) {
  if (wasm !== undefined) return wasm;

  if (module !== undefined) {
    if (Object.getPrototypeOf(module) === Object.prototype) {
      ({ module } = module);
    } else {
      console.warn("using deprecated parameters for `initSync()`; pass a single object instead");
    }
  }

  const imports = __wbg_get_imports();
  if (!(module instanceof WebAssembly.Module)) {
    module = new WebAssembly.Module(module);
  }
  const instance = new WebAssembly.Instance(module, imports);
  return __wbg_finalize_init(instance, module);
}

let __wbg_init_promise;
async function __wbg_init(module_or_path) {
  if (wasm !== undefined) return wasm;
  if (__wbg_init_promise === undefined) {
    __wbg_init_promise = __wbg_init_once(module_or_path);
    __wbg_init_promise.catch(() => {
      __wbg_init_promise = undefined;
    });
  }
  return __wbg_init_promise;
}

async function __wbg_init_once(module_or_path) {
  if (module_or_path !== undefined) {
    if (Object.getPrototypeOf(module_or_path) === Object.prototype) {
      ({ module_or_path } = module_or_path);
    } else {
      console.warn("using deprecated parameters for the initialization function; pass a single object instead");
    }
  }

  if (module_or_path === undefined) {
    module_or_path = new URL("authframe_example_widget_bg.wasm", import.meta.url);
  }
  const imports = __wbg_get_imports();

  if (
    typeof module_or_path === "string" ||
    (typeof Request === "function" && module_or_path instanceof Request) ||
    (typeof URL === "function" && module_or_path instanceof URL)
  ) {
    module_or_path = fetch(module_or_path);
  }

  const { instance, module } = await __wbg_load(await module_or_path, imports);

  return __wbg_finalize_init(instance, module);
}

export { __wbg_init as default, initSync };
