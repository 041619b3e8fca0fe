// Checks of the shape of arguments: a check takes a value and its name, and returns the value for the component. What
// the value means is the component's to judge. No message repeats a value, because it may be a secret.

export const text = (value, field) => (typeof value === 'string' ? value : refuse(value, field, 'a string'));

export const bytes = (value, field) => (value instanceof Uint8Array ? value : refuse(value, field, 'a Uint8Array'));

export const boolean = (value, field) => (typeof value === 'boolean' ? value : refuse(value, field, 'true or false'));

/** An option without a value: `true` selects it. */
export const flag = (value, field) => boolean(value, field);

export function integer(value, field) {
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** 32) {
    throw new TypeError(`${field} must be a whole number from 0 to ${2 ** 32 - 1}`);
  }
  return value;
}

export const oneOf =
  (...names) =>
  (value, field) => {
    if (!names.includes(value)) {
      throw new TypeError(`${field} must be one of ${names.join(', ')}`);
    }
    return value;
  };

export const listOf = (check) => (value, field) => {
  if (!Array.isArray(value)) {
    refuse(value, field, 'an array');
  }
  return value.map((item, index) => check(item, `${field}[${index}]`));
};

/** An object of strings, such as headers, as pairs of name and value. */
export const pairs = (value, field) =>
  Object.entries(object(value, field)).map(([name, item]) => [name, text(item, `${field}.${name}`)]);

/** The members of an object, each checked. It must have the required ones, and none without a check. */
export function members(value, field, checks, required = []) {
  const path = (name) => (field === '' ? name : `${field}.${name}`);
  const given = Object.entries(object(value, field || 'the argument')).filter(([, item]) => item !== undefined);
  const checked = given.map(([name, item]) => {
    if (!Object.hasOwn(checks, name)) {
      throw new TypeError(`${path(name)} is unknown: the names are ${Object.keys(checks).join(', ')}`);
    }
    return [name, checks[name](item, path(name))];
  });
  const missing = required.find((name) => value[name] === undefined);
  if (missing !== undefined) {
    throw new TypeError(`${path(missing)} is missing`);
  }
  return Object.fromEntries(checked);
}

/** The one member of an object that must have exactly one of those with a check. */
export function oneMember(value, field, checks) {
  const given = Object.entries(members(value, field, checks));
  if (given.length !== 1) {
    throw new TypeError(`${field} must have exactly one of ${Object.keys(checks).join(', ')}`);
  }
  return given[0];
}

/** Checked members as the contract's list of options. */
export const toOptions = (values, checks) =>
  Object.entries(values).flatMap(([name, val]) => {
    const tag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    return checks[name] === flag ? (val ? [{ tag }] : []) : [{ tag, val }];
  });

export function methods(value, field, names) {
  const missing = names.find((name) => typeof object(value, field)[name] !== 'function');
  if (missing !== undefined) {
    refuse(value[missing], `${field}.${missing}`, 'a function');
  }
  return value;
}

const object = (value, field) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : refuse(value, field, 'an object');

function refuse(value, field, wanted) {
  throw new TypeError(`${field} must be ${wanted}, not ${kindOf(value)}`);
}

function kindOf(value) {
  if (value === null || value === undefined) {
    return String(value);
  }
  const kind = Array.isArray(value) ? 'array' : typeof value;
  return `${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind}`;
}
