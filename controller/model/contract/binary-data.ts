/** Why a value in binaryData of a ConfigMap is not used, as the end of a sentence that begins with its name. */
export const IN_BINARY_DATA = 'is in binaryData, because it is not UTF-8 text, and only data is read';
